from django.urls import path

from . import views

urlpatterns = [path("board/", views.board), path("vote/", views.vote)]
