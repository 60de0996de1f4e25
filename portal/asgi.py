"""HTTP and WebSocket in one process: what `make run` serves, and production's sockets.

Pages go through WSGI in a fixed pool of threads even here: cheaper than Django's ASGI handler, and a bounded number of
lasting database connections (docs/decisions/0003).
"""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
_pages = get_wsgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  settings come first
from channels.security.websocket import OriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from consultation.routing import websocket_urlpatterns  # noqa: E402
from portal.pages import Pages  # noqa: E402
from residents.checks import refuse_to_start_half_configured  # noqa: E402

refuse_to_start_half_configured()
_ = get_resolver().url_patterns  # every view is loaded now, not by the first visitor

# What is loaded stays for good, and a full hall's sockets are many small objects: looking through all of them again
# and again for garbage would cost more than the garbage.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
# The loop hands frames to a thousand phones beside busy page threads: let it have its turn sooner than after 5 ms each.
sys.setswitchinterval(0.001)


class OwnOriginValidator(OriginValidator):
    """Browsers must come from our own pages. What sends no Origin is no browser, and shows its token all the same."""

    def valid_origin(self, parsed_origin: object) -> bool:
        return parsed_origin is None or super().valid_origin(parsed_origin)


_router = ProtocolTypeRouter(
    {
        "http": Pages(_pages, threads=settings.PAGE_THREADS, lane_of="/cast/"),
        "websocket": OwnOriginValidator(URLRouter(websocket_urlpatterns), settings.ALLOWED_HOSTS),
    }
)


async def application(scope, receive, send):
    """Route; answer the server's start and stop here, where nothing has to be prepared."""
    if scope["type"] == "lifespan":
        while True:
            event = (await receive())["type"]
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return
    await _router(scope, receive, send)
