"""``manage.py messages``: bring the message catalogues up to date, or check them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import messages


class Command(BaseCommand):
    """Update the catalogues, or with ``--check`` only say what is wrong with them."""

    help = "Extract our messages into locale/en, compile every catalogue; with --check change nothing and find faults."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--check``."""
        parser.add_argument(
            "--check",
            action="store_true",
            help="Change nothing; exit 1 with a list of faults.",
        )

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        """Run; raises CommandError (exit status 1) for unreadable sources and for faults found."""
        try:
            if check:
                self.check_only()
            else:
                self.bring_up_to_date()
        except messages.MessagesError as error:
            raise CommandError(str(error)) from error

    def check_only(self) -> None:
        """List the faults; raises CommandError if there are any."""
        problems = messages.check(messages.ROOT)
        for problem in problems:
            self.stderr.write(str(problem))
        if problems:
            raise CommandError(
                f"{len(problems)} faults in the messages; `manage.py messages` brings catalogues up to date."
            )
        self.stdout.write("Messages: in order.")

    def bring_up_to_date(self) -> None:
        """Write what changed and say what is left to translate."""
        summary = messages.update(messages.ROOT)
        for name in summary.written:
            self.stdout.write(f"written: {name}")
        self.stdout.write(
            f"Messages: {summary.messages} ({summary.new} new, {summary.dropped} dropped), "
            f"{summary.untranslated} without English."
        )
