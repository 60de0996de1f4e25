from django.urls import path

from . import views

app_name = "home"
urlpatterns = [
    path("find/", views.find, name="find"),
    path("me/", views.me, name="me"),
    path("demo-accounts/", views.demo_accounts, name="demo_accounts"),
]
