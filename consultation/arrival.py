"""An attendee's own code: a signed address that the recorder's phone opens."""

from __future__ import annotations

from django.core import signing

from .models import Meeting, RosterEntry

_SALT = "consultation.arrival"
MAX_AGE = 12 * 3600  # seconds: from breakfast to the end of the evening's meeting


def arrival_code(entry: RosterEntry) -> str:
    """Text for a QR code that stands for one roster line."""
    return signing.dumps(entry.pk, salt=_SALT)


def entry_of_code(meeting: Meeting, code: str) -> RosterEntry | None:
    """The roster line behind a code, or None when forged, older than MAX_AGE or of another meeting."""
    try:
        key = signing.loads(code, salt=_SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return (
        RosterEntry.objects.of(meeting.village).filter(pk=key, roster__meeting=meeting).select_related("roster").first()
    )
