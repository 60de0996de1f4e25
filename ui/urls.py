from django.urls import path

from . import views

app_name = "ui"
urlpatterns = [
    path("preferences/", views.preferences, name="preferences"),
    path("site.<slug:version>.css", views.stylesheet, name="stylesheet"),
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/hall/", views.gallery_hall, name="gallery_hall"),
    path("gallery/minutes/", views.gallery_minutes, name="gallery_minutes"),
]
