"""/v/<village>/rules/…: the village's slug, the document's, and the number of the version."""

from django.urls import path

from .views import comparing, importing, making, versions

app_name = "villagerules"

V = "<slug:village>/rules/<slug:rules>/<int:number>/"

urlpatterns = [
    path("<slug:village>/rules/import/", importing.bring_in, name="import"),
    path(V, versions.version, name="version"),
    path(V + "compare/<int:other>/", comparing.compare, name="compare"),
    path(V + "rules.docx", versions.word, name="word"),
    path(V + "rules.txt", versions.text, name="text"),
    path(V + "rules.json", versions.values, name="json"),
    path(V + "rules.pdf", versions.pdf, name="pdf"),
    path(V + "print/", versions.paper, name="paper"),
    path(V + "booklet/", versions.booklet, name="booklet"),
    path(V + "poster/<slug:size>/", versions.poster, name="poster"),
    path(V + "put-in-force/", versions.put_in_force, name="put_in_force"),
    path(V + "confirm/", versions.confirm, name="confirm"),
    path(V + "send-back/", versions.send_back, name="send_back"),
    path(V + "discard/", versions.discard, name="discard"),
    path(V + "making/", making.making, name="making"),
    *(path(f"{V}steps/{name.replace('_', '-')}/", making.step_door(name), name=name) for name in making.DOORS),
]
