"""/check-bulletin/: the checkers of bulletins, of no village in particular."""

from django.urls import path

from .views import checking

app_name = "check"

urlpatterns = [
    path("", checking.page, name="page"),
    path("check-bulletin.html", checking.offline, name="offline"),
    path("check_bulletin.py", checking.script, name="script"),
]
