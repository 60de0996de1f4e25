"""Pages and sockets of the textbook poll: `uvicorn bench.textbook.asgi:application`."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.textbook.settings")
pages = get_asgi_application()

from .consumers import PollConsumer  # noqa: E402  needs the apps loaded by the line above

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(
                URLRouter([path("ws/poll/", PollConsumer.as_asgi())]),
            )
        ),
    }
)
