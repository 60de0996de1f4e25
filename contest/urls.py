"""The doors of contests: beside their pages in Wagtail's tree, whose first address is `/contest/`."""

from django.urls import URLPattern, URLResolver, path

from .views import gallery, held, vote

app_name = "contest"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:slug>/entries/", gallery.gallery, name="gallery"),
    path("<slug:slug>/entries/<int:number>/", gallery.entry, name="entry"),
    path("<slug:slug>/entries/<int:number>/photos/<int:photo>/", gallery.entry_photo, name="entry_photo"),
    path("<slug:slug>/entries/<int:number>/film/", gallery.entry_film, name="entry_film"),
    path("<slug:slug>/vote/", vote.vote, name="vote"),
    path("<slug:slug>/vote/check/", vote.vote_check, name="vote_check"),
    path("<slug:slug>/progress/", held.progress, name="progress"),
    path("<slug:slug>/held/", held.held, name="held"),
    path("<slug:slug>/held/<int:number>/", held.settle, name="settle_held"),
]
