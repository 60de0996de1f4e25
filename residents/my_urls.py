"""/me/…: what belongs to the account itself."""

from django.urls import path

from .views import entrance, second_factor, who

app_name = "me"

urlpatterns = [
    path("who/", who.who, name="who"),
    path("who/family/", who.family, name="family"),
    path("who/ask/", who.ask, name="ask_claim"),
    path("returning/", entrance.returning, name="returning"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/done/", second_factor.go_on, name="second_factor_done"),
    path("second-factor/sms/", second_factor.by_sms, name="second_factor_sms"),
]
