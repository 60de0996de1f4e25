"""/v/<village>/rules/…: the village's slug, the document's, the version's number; and how rules are carried out."""

from django.urls import path

from .views import (
    carrying,
    clauses,
    commenting,
    comparing,
    editing,
    events,
    importing,
    making,
    points,
    similar,
    suggestions,
    versions,
)

app_name = "villagerules"

V = "<slug:village>/rules/<slug:rules>/<int:number>/"

E = "<slug:village>/events/<int:number>/"
P = "<slug:village>/points/<int:number>/"
S = "<slug:village>/suggestions/<int:number>/"

urlpatterns = [
    path("<slug:village>/carrying/", carrying.carrying, name="carrying"),
    path("<slug:village>/events/", events.events, name="events"),
    path("<slug:village>/events/new/", events.new_event, name="new_event"),
    path("<slug:village>/events/sheet/", events.sheet, name="events_sheet"),
    path(E, events.event, name="event"),
    path(E + "helpers/", events.send_helpers, name="send_helpers"),
    path(E + "outcome/", events.note_outcome, name="note_outcome"),
    path(E + "call-off/", events.call_off, name="call_off_event"),
    path("<slug:village>/points/", points.own_points, name="points"),
    path("<slug:village>/points/enter/", points.enter, name="enter_points"),
    path("<slug:village>/points/categories/", points.categories, name="points_categories"),
    path(P, points.entry, name="points_entry"),
    path(P + "photo/", points.photo, name="points_photo"),
    path(P + "settle/", points.settle, name="settle_points"),
    path(P + "void/", points.void, name="void_points"),
    path(P + "object/", points.object_to, name="object_to_points"),
    path(P + "decide/", points.decide, name="decide_objection"),
    path(P + "name/", points.name, name="name_points"),
    path("<slug:village>/rules/<slug:rules>/suggestions/", suggestions.suggestions, name="suggestions"),
    path("<slug:village>/rules/<slug:rules>/suggestions/new/", suggestions.new, name="new_suggestion"),
    path(S, suggestions.one, name="suggestion"),
    path(S + "second/", suggestions.second, name="second_suggestion"),
    path(S + "unsecond/", suggestions.take_back, name="unsecond_suggestion"),
    path(S + "withdraw/", suggestions.withdraw, name="withdraw_suggestion"),
    path(S + "answer/", suggestions.answer, name="answer_suggestion"),
    path("<slug:village>/rules/import/", importing.bring_in, name="import"),
    path(V, versions.version, name="version"),
    path(V + "compare/<int:other>/", comparing.compare, name="compare"),
    path(V + "similar/", similar.similar_all, name="similar_all"),
    path(V + "similar/<slug:anchor>/", similar.similar, name="similar"),
    path(V + "share/", clauses.share, name="share"),
    path(V + "clause/<slug:anchor>/", clauses.pick, name="pick_clause"),
    path(V + "insert/<uuid:lineage>/", clauses.insert, name="insert_clause"),
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
    path(V + "edit/standards/", editing.standards, name="edit_standards"),
    path(V + "edit/<uuid:lineage>/", editing.piece, name="edit_piece"),
    path(V + "edit/<uuid:lineage>/move/", editing.move, name="move_piece"),
    path(V + "edit/<uuid:lineage>/remove/", editing.remove, name="remove_piece"),
    path(V + "making/", making.making, name="making"),
    *(path(f"{V}steps/{name.replace('_', '-')}/", making.step_door(name), name=name) for name in making.DOORS),
]
