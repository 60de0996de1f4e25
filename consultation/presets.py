"""Seeding the law as data. What a county has edited is never overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import models, transaction

from residents.seeding import add_missing, data_in

from .models import LawSource, ProcedurePreset

FILE = Path(__file__).parent / "data" / "presets.yaml"


def _preset_fields(row: dict[str, Any]) -> dict[str, Any]:
    plain = ("body", "label", "applies_to", "electorate", "notice_days", "urgent_allowed", "binding", "remote_default")
    return (
        {name: row[name] for name in plain}
        | {
            "quorum_op": row["quorum"]["op"],
            "quorum_num": row["quorum"]["num"],
            "quorum_den": row["quorum"]["den"],
            "quorum_basis": row.get("quorum_basis", ""),
            "threshold_of": row["threshold"]["of"],
            "threshold_op": row["threshold"]["op"],
            "threshold_num": row["threshold"]["num"],
            "threshold_den": row["threshold"]["den"],
            "notice_basis": row.get("notice_basis", ""),
            "proxy": row["proxy"],
            "citation": row["citation"],
            "verified": row["verified"],
        }
        | petition_fields(row)
    )


def petition_fields(row: dict[str, Any]) -> dict[str, Any]:
    """Who may demand that such a meeting is called, and within how many days it then must be."""
    share, delegates = row.get("petition", {}), row.get("petition_delegates", {})
    return {
        "petition_num": share.get("num"),
        "petition_den": share.get("den"),
        "petition_delegates_num": delegates.get("num"),
        "petition_delegates_den": delegates.get("den"),
        "petition_days": row.get("petition_days"),
        "petition_days_basis": row.get("petition_days_basis", ""),
    }


def fill_in_petitions(model: type[models.Model]) -> None:
    """Give presets that were seeded before these fields existed what the file says of them."""
    for row in data_in(FILE)["presets"]:
        model._default_manager.filter(key=row["key"], petition_days=None).update(**petition_fields(row))


def name_who_set_the_days(model: type[models.Model]) -> None:
    """The days that were seeded without a source are the county's own, not the law's; what was edited stays."""
    for row in data_in(FILE)["presets"]:
        basis, days = row.get("petition_days_basis", ""), row.get("petition_days")
        if basis:
            model._default_manager.filter(key=row["key"], petition_days=days, petition_days_basis="").update(
                petition_days_basis=basis
            )


@transaction.atomic
def seed_presets() -> int:
    """Add the law sources and procedure presets that are missing; returns how many presets were added."""
    sources = LawSource.objects.in_bulk(field_name="key")
    for row in data_in(FILE)["law_sources"]:
        if row["key"] not in sources:
            fields = {name: row[name] for name in ("key", "name", "edition", "in_force_from", "in_force_to")}
            sources[row["key"]] = LawSource.objects.create(**fields)
    rows = [{"key": row["key"], "law": sources[row["law"]]} | _preset_fields(row) for row in data_in(FILE)["presets"]]
    return add_missing(ProcedurePreset, rows, by=("key",))


def referral_labels() -> dict[str, str]:
    """Where a matter that this meeting may not decide is passed on to, by key."""
    return {row["key"]: row["label"] for row in data_in(FILE)["referral_targets"]}
