"""The doors of contests: beside their pages in Wagtail's tree, whose first address is `/contest/`."""

from django.urls import URLPattern, URLResolver, path

from .views import gallery, held, judging, results, vote

app_name = "contest"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<slug:slug>/entries/", gallery.gallery, name="gallery"),
    path("<slug:slug>/entries/<int:number>/", gallery.entry, name="entry"),
    path("<slug:slug>/entries/<int:number>/photos/<int:photo>/", gallery.entry_photo, name="entry_photo"),
    path("<slug:slug>/entries/<int:number>/film/", gallery.entry_film, name="entry_film"),
    path("judging/", judging.desk, name="judging"),
    path("recompute_ranking.py", results.script, name="recompute"),
    path("<slug:slug>/judging/<int:number>/", judging.sheet, name="judging_sheet"),
    path("<slug:slug>/judging/<int:number>/conflict/", judging.conflict, name="judging_conflict"),
    path("<slug:slug>/results/", results.results, name="results"),
    path("<slug:slug>/results/<slug:kind>/", results.download, name="results_file"),
    path("<slug:slug>/vote/", vote.vote, name="vote"),
    path("<slug:slug>/vote/check/", vote.vote_check, name="vote_check"),
    path("<slug:slug>/progress/", held.progress, name="progress"),
    path("<slug:slug>/held/", held.held, name="held"),
    path("<slug:slug>/held/<int:number>/", held.settle, name="settle_held"),
]
