"""/v/<village>/rules/…: the village's slug, the document's, and the number of the version."""

from django.urls import path

from .views import commenting, comparing, editing, importing, making, versions

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
    path(V + "card.png", versions.card, name="card"),
    path(V + "print/", versions.paper, name="paper"),
    path(V + "booklet/", versions.booklet, name="booklet"),
    path(V + "poster/<slug:size>/", versions.poster, name="poster"),
    path(V + "put-in-force/", versions.put_in_force, name="put_in_force"),
    path(V + "confirm/", versions.confirm, name="confirm"),
    path(V + "send-back/", versions.send_back, name="send_back"),
    path(V + "discard/", versions.discard, name="discard"),
    path(V + "articles/<slug:anchor>/", commenting.article, name="article"),
    path(V + "opinions/<int:opinion>/", commenting.moderate, name="opinion"),
    path(V + "opinions/<int:opinion>/report/", commenting.report, name="report_opinion"),
    path(V + "opinions/<int:opinion>/let-through/", commenting.let_through, name="let_opinion_through"),
    path(V + "opinions/<int:opinion>/hide/", commenting.hide, name="hide_opinion"),
    path(V + "edit/", editing.contents, name="edit"),
    path(V + "edit/add/", editing.add, name="edit_add"),
    path(V + "edit/renumber/", editing.renumber, name="renumber"),
    path(V + "edit/<uuid:lineage>/", editing.piece, name="edit_piece"),
    path(V + "edit/<uuid:lineage>/move/", editing.move, name="move_piece"),
    path(V + "edit/<uuid:lineage>/remove/", editing.remove, name="remove_piece"),
    path(V + "making/", making.making, name="making"),
    *(path(f"{V}steps/{name.replace('_', '-')}/", making.step_door(name), name=name) for name in making.DOORS),
]
