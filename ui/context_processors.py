"""What every page needs to know of how the visitor wants to see it."""

from django.conf import settings
from django.http import HttpRequest

ELDER_COOKIE = "elder"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def appearance(request: HttpRequest) -> dict[str, object]:
    """`elder_mode`: large type and targets (a remembered switch); `development`: one-click sign-in exists here."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return {
        "elder_mode": request.COOKIES.get(ELDER_COOKIE) == "1",
        "development": settings.DEVELOPMENT and host in LOOPBACK,
    }
