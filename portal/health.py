"""Is the portal able to serve, and is the box of every secret vote safe?"""

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from consultation.errors import KeyStoreError
from consultation.key_store import get_key_store
from consultation.models import Motion

# The store is proved by writing to it; whoever asks often must not wear the disk out.
KEYS_SECONDS = 10


def healthz(request: HttpRequest) -> JsonResponse:
    """200 with every part "ok", else 503 that says which part is not.

    The ballot keys count always, not only while a secret motion is open: whoever watches the portal is to hear of a
    full disk before the hall is full of people. A load balancer that must not take a portal away whose pages still
    work asks /healthz/?part=database.
    """
    parts = {"database": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        if request.GET.get("part") != "database":
            parts["ballot_keys"] = _ballot_keys()
    except DatabaseError:
        parts = {"database": "away"}
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


def _ballot_keys() -> str:
    """ "ok"; "unusable" when no key could be kept; "missing" when a motion under vote has lost its own."""
    known = caches["process"].get("ballot_keys")
    if known is not None:
        return str(known)
    store, answer = get_key_store(), "ok"
    try:
        store.check()
    except KeyStoreError:
        answer = "unusable"
    else:
        try:
            for ref in Motion.objects.running().exclude(key_ref="").values_list("key_ref", flat=True):
                store.read(ref)
        except KeyStoreError:
            answer = "missing"
    caches["process"].set("ballot_keys", answer, KEYS_SECONDS)
    return answer
