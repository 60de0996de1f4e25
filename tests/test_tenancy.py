"""Every row of a village says so itself (decisions 4): a query that starts from the village can't reach another's."""

import pytest
from django.apps import apps
from django.db import models
from wagtail.models import Page

from residents.models import Village

OURS = ("home", "contest", "villagerules", "consultation", "residents", "audit", "ui")

# Each with the reason why it does not belong to one village.
EXCEPTIONS = {
    "residents.User": "an account acts in any village it has a claim or an office in",
    "residents.User_groups": "part of an account",
    "residents.User_user_permissions": "part of an account",
    "residents.SignIn": "of an account, wherever it acts",
    "residents.Region": "above the villages",
    "residents.Village": "the tenant itself",
    "residents.Appointment": "in a village or in a region; one of the two by a constraint",
    "residents.LegalFigure": "the law is the same for all",
    "residents.PlaceCode": "of a region or of a village; one of the two by a constraint",
    "residents.Proposal": "in a village, or in a region when a village is made or merged there",
    "consultation.LawSource": "the law is the same for all",
    "consultation.ProcedurePreset": "kept by the county; a meeting has a frozen copy",
    "consultation.TopicCategory": "the law is the same for all",
    "villagerules.RiskyWording": "kept by the county for all its villages",
    "villagerules.AdoptingBody": "the law is the same for all",
    "villagerules.EventKind": "kept by the county for all its villages",
    "villagerules.ClauseTheme": "kept by the county for all its villages",
    "villagerules.ClauseText": "one wording, whichever villages use it (ClauseUse)",
    "villagerules.ClauseKey": "of a wording",
    "contest.Contest": "run by a region or by a village; one of the two by a constraint",
    "contest.Stage": "of a contest",
    "contest.StageMove": "of a contest",
    "contest.Criterion": "of a contest",
    "contest.Award": "of a contest",
    "contest.ContestVote": "of a contest; whoever cast it is of any village or none",
    "contest.ContestPick": "of such a ballot",
    "contest.VoterKey": "of such a ballot",
    "contest.VoteDecision": "of a contest",
    "contest.Judge": "of a contest; judges come from anywhere",
    "contest.Assignment": "of such a judge, for an entry",
    "contest.Score": "on such a sheet",
    "contest.ScoreChange": "on such a sheet",
    "contest.Ranking": "of a contest",
    "contest.Result": "of such a ranking, for an entry",
    "contest.Objection": "of a contest, about an entry or the whole",
    "contest.ContestTemplate": "kept by the county for all its contests",
    "audit.AuditEntry": "knows the village as a plain number, and some acts concern none",
    "audit.AuditLink": "of the entry's chain; 0 is the site's own",
    "audit.AuditHead": "of a chain; 0 is the site's own",
    "home.SiteSettings": "of the site",
    "home.PortalImage": "in the village's own collection, by Wagtail's permissions",
    "home.PortalRendition": "a size of an image",
    "home.PortalDocument": "in the village's own collection, by Wagtail's permissions",
}


def our_models():
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in OURS:
            continue
        if issubclass(model, Page):
            continue  # in the village's own part of the page tree, by Wagtail's permissions
        yield model


def ties(model):
    """Whether it is an automatic table between two models, one of which at least belongs to a village."""
    if not model._meta.auto_created:
        return False
    ends = [field.related_model for field in model._meta.fields if isinstance(field, models.ForeignKey)]
    return any(has_village(end) for end in ends)


def has_village(model):
    return any(field.attname == "village_id" and not field.null for field in model._meta.concrete_fields)


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_each_row_knows_its_village(model):
    if model._meta.label not in EXCEPTIONS:
        assert has_village(model) or ties(model), "no village of its own; if it must have none, say why in EXCEPTIONS"


@pytest.mark.parametrize("model", filter(has_village, our_models()), ids=lambda model: model._meta.label)
def test_what_belongs_to_a_village_is_asked_for_by_village(model):
    query = model._default_manager.all()
    assert hasattr(query, "of"), f"{model._meta.label}: the default manager has no of(village)"
    # The column itself, without a join: so it can't be forgotten further along.
    sql = str(query.of(Village(pk=7)).query)
    assert f'"{model._meta.db_table}"."village_id" = 7' in sql


def test_the_list_of_exceptions_names_only_what_there_is():
    labels = {model._meta.label for model in our_models()}
    assert set(EXCEPTIONS) <= labels
    needless = {label for label in EXCEPTIONS if has_village(apps.get_model(label))}
    assert needless == set()
