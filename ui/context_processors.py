"""What every page needs to know of how the visitor wants to see it."""

from django.conf import settings
from django.http import HttpRequest

ELDER_COOKIE = "elder"


def appearance(request: HttpRequest) -> dict[str, object]:
    """`elder_mode`: large type and targets (a remembered switch); `development`: one-click sign-in exists."""
    return {
        "elder_mode": request.COOKIES.get(ELDER_COOKIE) == "1",
        "development": settings.DEVELOPMENT,
    }
