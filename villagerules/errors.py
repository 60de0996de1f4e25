"""Refusals about rules, each with the code that docs/errors.md lists and a sentence for whoever sent it."""

from __future__ import annotations

from django.utils.translation import gettext as _


class RulesError(Exception):
    """A rule says no. `code` is one of ui.answers, `message` one plain sentence that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class FileRefused(RulesError):
    """The file can't be read: too_large, bad_type or refused_file."""


class TextRefused(RulesError):
    """What was read can't be kept as it is: invalid."""


class WrongState(RulesError):
    """Not now: wrong_state."""

    def __init__(self, message: str) -> None:
        super().__init__("wrong_state", message)


class Stale(RulesError):
    """Somebody else saved it meanwhile: stale."""

    def __init__(self) -> None:
        super().__init__(
            "stale", _("您改的时候，别人已经改过这一条。您的还没有保存，别人的也还在：请对照着改好再保存。")
        )


class NotAllowed(RulesError):
    """Not this account: forbidden."""

    def __init__(self, message: str) -> None:
        super().__init__("forbidden", message)


class Incomplete(RulesError):
    """Something that was filled in is missing or wrong: invalid."""

    def __init__(self, message: str) -> None:
        super().__init__("invalid", message)
