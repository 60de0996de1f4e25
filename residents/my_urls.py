"""/me/…: what belongs to the account itself."""

from django.urls import path

from .views import entrance, own_data, own_phone, second_factor, who

app_name = "me"

urlpatterns = [
    path("who/", who.who, name="who"),
    path("who/family/", who.family, name="family"),
    path("who/ask/", who.ask, name="ask_claim"),
    path("who/withdraw/", who.withdraw, name="withdraw_claim"),
    path("who/<slug:village>/<slug:ref>/end/", who.stop, name="end_claim"),
    path("phone/", own_phone.own_phone, name="phone"),
    path("phone/reminders/", own_phone.reminders, name="reminders"),
    path("phone/code/", own_phone.own_phone_code, name="phone_code"),
    path("returning/", entrance.returning, name="returning"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/done/", second_factor.go_on, name="second_factor_done"),
    path("second-factor/sms/", second_factor.by_sms, name="second_factor_sms"),
    path("data/", own_data.own_data, name="own_data"),
    path("data/copy/", own_data.copy, name="own_copy"),
    path("data/correct/", own_data.correct, name="correct"),
    path(
        "data/corrections/<slug:village>/<int:number>/withdraw/",
        own_data.withdraw_correction,
        name="withdraw_correction",
    ),
    path("data/sign-out-elsewhere/", own_data.sign_out_elsewhere, name="sign_out_elsewhere"),
    path("data/consent/", own_data.consent, name="withdraw_consent"),
    path("data/delete/", own_data.delete, name="delete_account"),
    path("gone/<slug:step>/", own_data.gone, name="gone"),
]
