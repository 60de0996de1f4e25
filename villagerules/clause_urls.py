"""/clauses/: model clauses from all villages that share their rules."""

from django.urls import path

from .views import clauses

app_name = "clauses"

urlpatterns = [
    path("", clauses.library, name="library"),
    path("<uuid:lineage>/use/", clauses.use, name="use"),
]
