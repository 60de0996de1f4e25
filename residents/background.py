"""What is done outside of requests; each piece of work is a row first, so that none is lost with a process."""

from __future__ import annotations

from django_tasks import task

from .import_confirming import confirm
from .sheet_uploads import work_on


@task()
def compare_sheet(upload_id: int) -> None:
    """Read an uploaded sheet and compare it with the roll."""
    work_on(upload_id)


@task()
def confirm_import(proposal_id: int, user_id: int) -> None:
    """Write an import that its second person has confirmed."""
    confirm(proposal_id, user_id)
