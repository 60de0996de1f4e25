"""/me/…: what belongs to the account itself."""

from django.urls import path

from .views import second_factor

app_name = "me"

urlpatterns = [
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/done/", second_factor.go_on, name="second_factor_done"),
]
