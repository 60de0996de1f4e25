from django.urls import path

from . import gallery, views

app_name = "ui"
urlpatterns = [
    path("preferences/", views.preferences, name="preferences"),
    path("site.<slug:version>.css", views.stylesheet, name="stylesheet"),
    path("gallery/", gallery.components, name="gallery"),
    path("gallery/hall/", gallery.hall, name="gallery_hall"),
    path("gallery/minutes/", gallery.minutes, name="gallery_minutes"),
]
