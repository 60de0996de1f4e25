"""Keeping what is made of the rules in force up to date: after each change of them, and each night."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from residents.background import every_night, plan

from .clause_library import count_uses
from .models import RuleVersion
from .searching import index_version
from .similar_index import follow_in_force

FOLLOW_MINUTE = 15


@task()
def follow_rules() -> None:
    """Take into the index of alike articles what is in force now, and count who uses which model clause."""
    follow()


@task()
def follow_rules_daily() -> None:
    """Every night: first the next night; then what began or ended with the day."""
    plan(follow_rules_daily, FOLLOW_MINUTE)
    follow()


def follow() -> None:
    """Now, in this process."""
    follow_in_force()
    count_uses(timezone.localdate())


def follow_soon() -> None:
    """After this transaction: what is in force has changed."""
    transaction.on_commit(follow_rules.enqueue)


def follow_published(version: RuleVersion) -> None:
    """In the transaction that publishes it: it is found at once, and all that is made of what is in force follows."""
    index_version(version)
    follow_soon()


every_night(follow_rules_daily, FOLLOW_MINUTE)
