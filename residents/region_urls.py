"""/regions/<code>/…: what a county's or township's own people and the operators do together."""

from django.urls import path

from .views import region_offices

app_name = "regions"

urlpatterns = [
    path("<slug:region>/offices/", region_offices.offices, name="offices"),
    path("<slug:region>/offices/new/", region_offices.appoint, name="appoint"),
    path("<slug:region>/offices/<slug:ref>/end/", region_offices.end_office, name="end_office"),
    path("<slug:region>/villages/<slug:village>/admin/", region_offices.first_admin, name="first_admin"),
    path("<slug:region>/proposals/", region_offices.proposals, name="proposals"),
    path("<slug:region>/proposals/<int:number>/", region_offices.decide_proposal, name="decide_proposal"),
]
