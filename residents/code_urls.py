"""/code/…: addresses short enough for paper."""

from django.urls import path

from .views import entrance, who

app_name = "code"

urlpatterns = [
    path("", who.enter_code, name="enter"),
    path("in/<str:token>/", entrance.desk_link, name="desk_link"),
    path("<str:code>/", who.use_code, name="use"),
]
