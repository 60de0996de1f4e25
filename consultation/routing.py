"""Where sockets knock."""

from django.urls import path

from .consumers import meeting_socket

websocket_urlpatterns = [path("ws/meetings/<int:meeting_id>/", meeting_socket)]
