"""Law as data comes in once and stays as the county has it."""

from __future__ import annotations

import pytest

from consultation.models import ProcedurePreset, TopicCategory
from consultation.presets import seed_presets
from consultation.topic_categories import seed_topic_categories
from residents.legal_figures import seed_figures
from residents.models import LegalFigure
from villagerules.adopting import seed_adopting_bodies
from villagerules.checking import seed_wordings
from villagerules.clause_library import seed_themes
from villagerules.models import AdoptingBody, ClauseTheme, RiskyWording

pytestmark = pytest.mark.django_db

SEEDS = [
    (seed_presets, ProcedurePreset, {"label": "县里改的"}),
    (seed_figures, LegalFigure, {"days": 99}),
    (seed_topic_categories, TopicCategory, {"label": "县里改的"}),
    (seed_adopting_bodies, AdoptingBody, {"source": "县里改的"}),
    (seed_wordings, RiskyWording, {"reason": "县里改的"}),
    (seed_themes, ClauseTheme, {"name": "县里改的"}),
]


@pytest.mark.parametrize(("seed", "model", "edit"), SEEDS)
def test_a_second_seeding_adds_what_is_missing_and_leaves_what_was_edited(seed, model, edit):
    seed()
    assert seed() == 0
    whole = model.objects.count()
    gone, kept = model.objects.order_by("pk")[:2]
    values = {
        name: getattr(gone, name)
        for name in ("key", "code", "slug", "kind", "body", "applies_to")
        if hasattr(gone, name)
    }
    gone.delete()
    model.objects.filter(pk=kept.pk).update(**edit)
    assert seed() == 1
    assert model.objects.count() == whole
    assert model.objects.filter(**values).exists()
    assert model.objects.filter(pk=kept.pk, **edit).exists()
