"""The doors of contests: beside their pages in Wagtail's tree, whose first address is `/contest/`."""

from django.urls import URLPattern, URLResolver, path

from .views import held, vote

app_name = "contest"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:slug>/vote/", vote.vote, name="vote"),
    path("<slug:slug>/vote/check/", vote.vote_check, name="vote_check"),
    path("<slug:slug>/progress/", held.progress, name="progress"),
    path("<slug:slug>/held/", held.held, name="held"),
    path("<slug:slug>/held/<int:number>/", held.settle, name="settle_held"),
]
