"""docs/personal-data.md knows every field that is held on a person: a new one without a row fails here."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from wagtail.models import Page

from residents.models import User

REGISTER = Path(__file__).resolve().parents[2] / "docs" / "personal-data.md"
OURS = {"audit", "residents", "consultation", "villagerules", "contest", "home"}
# What a row is reached by: its key, its village, its number there and its random name in addresses.
STRUCTURE = {"id", "village", "ref", "number"}


def table() -> dict[str, set[str]]:
    """The fields of each model that have a row."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in REGISTER.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            assert len(cells) == 6, line
            assert all(cells), line
            found[cells[0].strip("`")] |= set(re.findall(r"`(\w+)`", cells[1]))
    return dict(found)


def nameless() -> set[str]:
    """The models said to hold nothing about a person."""
    return set(re.findall(r"`(\w+\.\w+)`", REGISTER.read_text().split("## Nothing about a person")[1]))


def own_models():
    return [m for m in apps.get_models() if m._meta.app_label in OURS and not issubclass(m, Page)]


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_each_model_is_in_the_register_with_all_its_fields(model):
    label, rows = model._meta.label, table()
    if label in nameless():
        assert label not in rows
        return
    assert label in rows, f"{label} has no row in docs/personal-data.md"
    fields = {field.name for field in model._meta.local_concrete_fields} - STRUCTURE
    assert rows[label] == fields


def test_a_model_that_points_to_a_person_is_not_called_nameless():
    people = {apps.get_model(name) for name in ("residents.User", "residents.Resident", "consultation.RosterEntry")}
    for model in own_models():
        points = any(field.is_relation and field.related_model in people for field in model._meta.local_concrete_fields)
        assert not (points and model._meta.label in nameless()), model._meta.label


def test_packages_rows_about_an_account_are_named():
    words = REGISTER.read_text()
    for relation in User._meta.get_fields():
        if relation.one_to_many or relation.one_to_one:
            model = relation.related_model
            if model._meta.app_label not in OURS and not issubclass(model, Page):
                assert f"`{model._meta.label}`" in words, model._meta.label


def test_the_periods_are_those_of_the_settings():
    words = REGISTER.read_text()
    names = {
        "codes": "CODES", "unconfirmed_accounts": "UNCONFIRMED", "unused_accounts": "UNUSED", "requests": "REQUESTS",
        "looks": "LOOKS", "proposals": "PROPOSALS", "contest_signals": "CONTEST_SIGNALS",
    }  # fmt: skip
    assert set(names) == set(settings.RETENTION_DAYS)
    for name, word in names.items():
        assert f"`FORGET_{word}_DAYS` ({settings.RETENTION_DAYS[name]})" in words
