"""/accounts/…: allauth's pages that this portal has; signing up and everything by e-mail is not among them."""

from allauth.account import views as account
from allauth.mfa.totp.views import activate_totp
from allauth.mfa.webauthn.views import add_webauthn
from django.urls import include, path
from django.views.generic import TemplateView

from .views import entrance
from .views.second_factor import after_fresh_sign_in
from .weixin.views import own_weixin

urlpatterns = [
    path("login/", entrance.sign_in, name="account_login"),
    path("login/code/", entrance.ask_code, name="account_request_login_code"),
    path("login/code/confirm/", entrance.confirm_code, name="account_confirm_login_code"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", after_fresh_sign_in(account.password_set), name="account_set_password"),
    # What allauth names in its own help below a password; nothing is sent by mail here.
    path(
        "password/forgotten/",
        TemplateView.as_view(template_name="account/password_forgotten.html"),
        name="account_reset_password",
    ),
    # A second factor is not set up by whoever finds a phone lying about.
    path("2fa/totp/activate/", after_fresh_sign_in(activate_totp)),
    path("2fa/webauthn/add/", after_fresh_sign_in(add_webauthn)),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", own_weixin, name="socialaccount_connections"),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    path("", include("residents.weixin.urls")),
]
