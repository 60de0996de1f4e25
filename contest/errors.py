"""Refusals about contests, each with the code that docs/errors.md lists and a sentence for whoever sent it."""

from __future__ import annotations

from django.utils.translation import gettext as _


class ContestRefused(Exception):
    """A rule of the contest says no. `code` is one of ui.answers, `message` one plain sentence that says what to do,
    `field` the field of the form it concerns, if any."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        self.code, self.message, self.field = code, message, field
        super().__init__(message)


class WrongState(ContestRefused):
    """Not now: wrong_state."""

    def __init__(self, message: str) -> None:
        super().__init__("wrong_state", message)


class Closed(ContestRefused):
    """A stage that is over: poll_closed."""

    def __init__(self, message: str) -> None:
        super().__init__("poll_closed", message)


class Stale(ContestRefused):
    """Somebody else saved it meanwhile: stale."""

    def __init__(self) -> None:
        super().__init__("stale", _("您改的时候，别人已经改过。您的还没有保存：请刷新页面，对照着再改。"))


class NotAllowed(ContestRefused):
    """Not this account: forbidden."""

    def __init__(self, message: str) -> None:
        super().__init__("forbidden", message)


class Incomplete(ContestRefused):
    """Something that was filled in is missing or wrong: invalid."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__("invalid", message, field)
