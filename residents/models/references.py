"""Short random names for rows in addresses, made by the database itself, so that no address is a bare primary key."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Func

DIGITS = 12


class RandomReference(Func):
    """Twelve random hexadecimal digits, another for every row that is added without one."""

    arity = 0
    function = "RANDOM_REFERENCE"

    def __init__(self, **extra: Any) -> None:
        super().__init__(output_field=CharField(max_length=DIGITS), **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        return f"lower(hex(randomblob({DIGITS // 2})))", []

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        # Without the digits that tell a UUID's version, which are not random.
        return f"substr(replace(gen_random_uuid()::text, '-', ''), {32 - DIGITS + 1}, {DIGITS})", []
