"""What an address answers somebody, as one of few kinds."""

from __future__ import annotations

from django.db import transaction
from django.test import Client

SIGN_IN = ("/accounts/login/", "/admin/login/", "/accounts/reauthenticate/")


def answer(client: Client, path: str, method: str = "get") -> str:
    """ok, on (goes on elsewhere), sign-in, step-up, denied (Wagtail's way back to its home), or the status.

    Whatever the answer wrote is undone.
    """
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = getattr(client, method)(path)
        transaction.set_rollback(True)
    client.cookies = cookies
    # Nobody reads a file on. To close the whole answer would end the request, and the connection that holds the world.
    for close_file in response._resource_closers if response.streaming else ():
        close_file()
    if response.status_code in (301, 302, 303, 307, 308):
        where = response.headers.get("Location", "")
        if where.split("?")[0] in SIGN_IN:
            return "sign-in"
        if "second-factor" in where or "/2fa/" in where:
            return "step-up"
        return "denied" if where == "/admin/" else "on"
    if response.headers.get("Content-Type", "").startswith("application/json") and response.status_code >= 400:
        code = response.json().get("error", {}).get("code") if response.content.startswith(b'{"error"') else ""
        if code in ("sign_in", "step_up"):
            return code.replace("_", "-")
    return "ok" if response.status_code < 300 else str(response.status_code)
