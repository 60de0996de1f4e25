"""/v/<village>/roll/…, …/proposals/…, …/offices/…: what the village's own officers do with its roll and its rights."""

from django.urls import URLPattern

app_name = "residents"

urlpatterns: list[URLPattern] = []
