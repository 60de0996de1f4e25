"""Seeding the law as data. What a county has edited is never overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from .models import LawSource, ProcedurePreset

FILE = Path(__file__).parent / "data" / "presets.yaml"


def _preset_fields(row: dict[str, Any]) -> dict[str, Any]:
    plain = ("body", "label", "applies_to", "electorate", "notice_days", "urgent_allowed", "binding", "remote_default")
    return {name: row[name] for name in plain} | {
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


@transaction.atomic
def seed_presets() -> int:
    """Add the law sources and procedure presets that are missing; returns how many presets were added."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    sources = {}
    for row in data["law_sources"]:
        fields = {name: row[name] for name in ("name", "edition", "in_force_from", "in_force_to")}
        sources[row["key"]], _created = LawSource.objects.get_or_create(key=row["key"], defaults=fields)
    added = 0
    for row in data["presets"]:
        fields = _preset_fields(row) | {"law": sources[row["law"]]}
        _preset, created = ProcedurePreset.objects.get_or_create(key=row["key"], defaults=fields)
        added += created
    return added


def referral_labels() -> dict[str, str]:
    """Where a matter that this meeting may not decide is passed on to, by key."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {row["key"]: row["label"] for row in data["referral_targets"]}
