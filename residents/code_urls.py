"""/code/…: addresses short enough for paper."""

from django.urls import path

from .views import codes, entrance

app_name = "code"

urlpatterns = [
    path("", codes.enter_code, name="enter"),
    path("in/<str:token>/", entrance.desk_link, name="desk_link"),
    path("<str:code>/", codes.use_code, name="use"),
]
