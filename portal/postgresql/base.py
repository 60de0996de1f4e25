"""What DATABASES names as its ENGINE: Django's own backend, that asks a connection at rest without a round trip."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection at rest on which something arrives was ended by the server; only then is it asked in full.

    Django would send SELECT 1 before the first statement of every request, a tenth of a ballot's round trips.
    """

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        # Not select(): it knows no file descriptor above 1023, and a full hall holds thousands of sockets open.
        asked = select.poll()
        asked.register(self.connection.fileno(), select.POLLIN)
        return super().is_usable() if asked.poll(0) else True
