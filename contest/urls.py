"""The doors of contests: beside their pages in Wagtail's tree, whose first address is `/contest/`."""

from django.urls import URLPattern, URLResolver

app_name = "contest"
urlpatterns: list[URLPattern | URLResolver] = []
