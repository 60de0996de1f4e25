"""/v/<village>/roll/…, …/proposals/…: what the village's own officers do with its roll."""

from django.urls import path

from .views import (
    claim_requests,
    codes,
    corrections,
    desk,
    join,
    offices,
    people,
    proposals,
    restoring,
    roll,
    roll_edits,
    roll_import,
)

app_name = "residents"

IMPORT = "<slug:village>/roll/import/"

urlpatterns = [
    path("<slug:village>/roll/", roll.roll, name="roll"),
    path("<slug:village>/roll/download/", roll.download, name="roll_download"),
    path(IMPORT, roll_import.upload, name="import"),
    path(IMPORT + "blank.xlsx", roll_import.blank, name="import_blank"),
    path(IMPORT + "<str:token>/", roll_import.preview, name="import_preview"),
    path(IMPORT + "<str:token>/columns/", roll_import.columns, name="import_columns"),
    path(IMPORT + "<str:token>/problems.xlsx", roll_import.problems, name="import_problems"),
    path("<slug:village>/roll/new/", roll_edits.add_person, name="add_person"),
    path("<slug:village>/roll/people/<slug:ref>/", people.person, name="person"),
    path("<slug:village>/roll/people/<slug:ref>/phone/", people.show_phone, name="show_phone"),
    path("<slug:village>/roll/people/<slug:ref>/access/", restoring.access, name="access"),
    path("<slug:village>/roll/people/<slug:ref>/access/end/", restoring.end_claim, name="end_claim"),
    path("<slug:village>/roll/people/<slug:ref>/<slug:act>/", roll_edits.edit_person, name="edit_person"),
    path("<slug:village>/roll/households/<int:number>/", people.household, name="household"),
    path("<slug:village>/roll/households/<int:number>/<slug:act>/", roll_edits.edit_household, name="edit_household"),
    path("<slug:village>/corrections/", corrections.corrections, name="corrections"),
    path("<slug:village>/corrections/<int:number>/answer/", corrections.answer_no, name="answer_correction"),
    path("<slug:village>/offices/", offices.offices, name="offices"),
    path("<slug:village>/offices/new/", offices.appoint, name="appoint"),
    path("<slug:village>/offices/<slug:ref>/end/", offices.end_office, name="end_office"),
    path("<slug:village>/roll/codes/", codes.print_codes, name="print_codes"),
    path("<slug:village>/join/", join.join, name="join"),
    path("<slug:village>/join/poster/", join.poster, name="poster"),
    path("<slug:village>/desk/", desk.desk, name="desk"),
    path("<slug:village>/desk/<slug:ref>/", desk.desk_person, name="desk_person"),
    path("<slug:village>/claims/", claim_requests.claim_requests, name="claims"),
    path("<slug:village>/claims/<slug:ref>/", claim_requests.claim_request, name="claim"),
    path("<slug:village>/claims/<slug:ref>/refuse/", claim_requests.refuse_claim, name="refuse_claim"),
    path("<slug:village>/proposals/", proposals.proposals, name="proposals"),
    path("<slug:village>/proposals/<int:number>/", proposals.decide_proposal, name="decide_proposal"),
]
