"""/accounts/weixin/login/…: allauth asks every provider for these two names."""

from django.urls import path

from . import views

urlpatterns = [
    path("weixin/login/", views.begin, name="weixin_login"),
    path("weixin/login/callback/", views.come_back, name="weixin_callback"),
]
