"""Two villages in two counties, and one account for each letter of the matrix in the first of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Page, Site, Task, Workflow

from consultation import attendance, meetings
from consultation.models import LawSource, Meeting, ProcedurePreset, TopicCategory
from home.editors import keep_groups
from home.models import NewsIndexPage, NewsPage
from home.sites import operators
from home.villages import add_page
from residents import officer_sessions, second_factor
from residents.models import (
    Appointment,
    ClaimRequest,
    Correction,
    LegalFigure,
    Proposal,
    Region,
    Resident,
    User,
    Village,
)
from tests.factories.carrying import make_event, make_suggestion
from tests.factories.consultation import Hall, call, open_vote
from tests.factories.contest import make_contest
from tests.factories.follow_ups import promise
from tests.factories.petitions import make_petition
from tests.factories.residents import SINCE, appoint, make_account, make_resident, make_user, make_village
from tests.factories.topics import make_topic
from tests.home.pages import make_county, make_township, make_version, make_village_page
from villagerules.models import AdoptingBody, EventKind

# O sees other villages as it sees this one; it is the site's.
LETTERS = "VARKHEPCJMSGTO"


@dataclass
class Place:
    """A village with one of everything an address may speak of."""

    village: Village
    people: list[Resident]
    meeting: Meeting
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    own: Place
    other: Place
    clients: dict[str, Client]
    shared: dict[str, Any]

    def values(self, where: str) -> dict[str, Any]:
        return self.shared | getattr(self, where).values


def make_world() -> World:
    county = make_county()
    elsewhere = Region.objects.create(code="439922", level="county", name="别处县", parent=county.parent)
    own = _place(make_township(county), "听泉坳村", "tingquanao")
    other = _place(make_township(elsewhere, name="远乡"), "远山村", "yuanshan")
    accounts = _accounts(own)
    clients = {"V": asking()}
    for letter, user in accounts.items():
        keep_groups(user)
        clients[letter] = signed_in(user)
    return World(own, other, clients, _shared(accounts))


def signed_in(user: User) -> Client:
    """With the second factor shown just now."""
    client = asking()
    client.force_login(user, backend="residents.backends.AccountBackend")
    request = HttpRequest()
    request.user, request.session = user, client.session
    second_factor.remember(request, user, second_factor.MFA, type="totp")
    # Seen from now on: else each answer writes the session anew, because what it wrote is undone.
    request.session[officer_sessions.SEEN] = time.time() + 3600
    request.session.save()
    return client


def asking() -> Client:
    """Refusals come as JSON, which is the same answer made sooner."""
    return Client(headers={"accept": "text/html, application/json"}, raise_request_exception=False)


def _place(township: Region, name: str, slug: str) -> Place:
    village = make_village_page(township, name=name, slug=slug, number=201)
    people = [make_resident(village, name=f"{name[:2]}{number}") for number in range(9)]
    meeting = meetings.open_meeting(meetings.publish_notice(call(village, people[:3]), by=None), by=None)
    attendance.check_in(meeting, list(meeting.roster.entries.all()), method="recorder", by=None)
    motion = open_vote(Hall(village, meeting, people))
    somebody = make_account(people[8])
    office = appoint(people[7], "representative")
    over = Appointment.objects.create(region=township, user=make_user(), role="township_reviewer", from_on=SINCE)
    request = ClaimRequest.objects.create(village=village, user=make_user(), stated_name="某人")
    request.refresh_from_db(fields=["ref"])
    for one in (people[8], office, over):
        one.refresh_from_db(fields=["ref"])
    proposals = {
        "village": _proposal(village=village, by=somebody),
        "region": _proposal(region=township, by=somebody),
    }
    correction = Correction.objects.create(village=village, number=1, user=somebody, resident=people[8], about="other")
    page = Page.objects.get(pk=village.page.pk)
    news = add_page(
        NewsIndexPage.objects.child_of(page).get(), NewsPage(title="公告", slug="gonggao", published_on=SINCE)
    )
    media = _media(village)
    petition = make_petition(village, people[7])
    version = make_version(village)
    values = {
        "village": village.slug,
        "region": township.code,
        "contest.slug": make_contest(region=township.parent, now=timezone.now()).slug,
        "contest.entries.number": 999,
        "contest.photos.photo": 999,
        "contest.held.number": 999,  # nothing was proposed
        "contest.judging.number": 999,  # nobody judges here
        "contest.results.kind": "csv",
        "number": meeting.number,
        "proposals.number": proposals["village"].number,
        "households.number": people[8].household.number,
        "corrections.number": correction.number,
        "follow-ups.number": promise(meeting, people[7]).number,
        "topics.number": make_topic(village, people[7]).number,
        "petitions.number": petition.number,
        "rules": version.rules.slug,
        "events.number": make_event(people[7].household).number,
        "points.number": 999,  # none was entered
        "suggestions.number": make_suggestion(version.rules, people[7]).number,
        "rules.number": 1,
        "anchor": "article-12",
        "opinion": 1,
        "lineage": "00000000-0000-4000-8000-000000000000",
        "size": "a3",
        "signature": 999,
        "motion": motion.number,
        "proposal": 999,
        "sheet": 1,
        "item": 1,
        "other": 1,
        "kiosk": 1,  # none was started
        "question": 1,  # nor asked anything
        "temperature": 1,  # nor was asked
        "speech": 1,  # nobody asked for the floor
        "guest": 999,  # none was asked
        "document": 1,  # none was laid before it
        "entry": meeting.roster.entries.first().number,
        "role": "chair",
        "ref": people[8].ref,
        "offices.ref": office.ref,
        "regions.offices.ref": over.ref,
        "regions.villages.village": make_village(region=township).slug,
        "claims.ref": request.ref,
        "act": "correct",
        "households.act": "represent",
        "page_id": news.pk,
        "page_path": news.url.strip("/") + "/",
        "parent_page_id": page.pk,
        "page_to_move_id": news.pk,
        "destination_id": news.get_parent().pk,
        "revision_id": news.latest_revision_id,
        "pages.pk": news.pk,
        **media,
    }
    return Place(village, people, meeting, values)


def _proposal(*, by: User, village: Village | None = None, region: Region | None = None) -> Proposal:
    return Proposal.objects.create(
        village=village, region=region, number=1, kind=Proposal.Kind.DISMISS, summary="免职", proposed_by=by,
        payload={"words": [], "office": 0, "on": "2026-01-01", "reason": ""},
        expires_at=timezone.now() + timezone.timedelta(days=9),
    )  # fmt: skip


def _media(village: Village) -> dict[str, Any]:
    collection = Collection.objects.get(name__startswith=village.code)
    image = get_image_model().objects.create(
        title="照片", file=get_test_image_file(f"{village.slug}.png"), collection=collection
    )
    document = get_document_model().objects.create(
        title="文件", file=ContentFile(b"%PDF-1.4", f"{village.slug}.pdf"), collection=collection
    )
    return {
        "image_id": image.pk,
        "image_file": image.file.name,
        "document_id": document.pk,
        "doc_id": document.pk,
        "document_name": document.filename,
        "collection_id": collection.pk,
        "wagtailadmin_collections.pk": collection.pk,
        "wagtailimages_chooser.pk": image.pk,
        "wagtaildocs_chooser.pk": document.pk,
        "images.pk": image.pk,
        "documents.pk": document.pk,
        "filter_spec": "original",
    }


def _accounts(own: Place) -> dict[str, User]:
    village, people, region = own.village, own.people, own.village.region
    offices = {
        "E": "committee_member",
        "P": "committee_chair",
        "C": "hongbai_member",
        "S": "supervisory_member",
        "G": "village_admin",
    }
    accounts = {
        "A": make_user(),
        "R": make_account(people[6]),
        "K": make_account(people[1]),
        "H": make_account(people[0]),
    }
    for letter, role in offices.items():
        person = make_resident(village)
        appoint(person, role)
        accounts[letter] = make_account(person)
    above = {"J": (region.parent, "judge"), "M": (region.parent, "organizer"), "T": (region, "township_reviewer")}
    for letter, (place, role) in above.items():
        accounts[letter] = make_user()
        Appointment.objects.create(region=place, user=accounts[letter], role=role, from_on=SINCE)
    accounts["O"] = make_user()
    accounts["O"].groups.add(operators())
    return accounts


def _shared(accounts: dict[str, User]) -> dict[str, Any]:
    """What is no village's."""
    task, workflow = Task.objects.first(), Workflow.objects.first()
    return {
        "token": "x" * 22,
        "code": "ABCD-EFGH",
        "step": "account",
        "version": "0",
        "restriction_id": 1,
        "page_view_restriction_id": 1,
        "app_label": "home",
        "model_name": "newspage",
        "app_name": "home",
        "bulk.app_label": "wagtailcore",
        "bulk.model_name": "page",
        "bulk.action": "delete",
        "settings.app_name": "home",
        "settings.model_name": "sitesettings",
        "tag-autocomplete.model_name": "portalimage",
        "add.app_label": "wagtailcore",
        "add.model_name": "groupapprovaltask",
        "content_type_app_name": "home",
        "content_type_model_name": "standardpage",
        "action": "delete",
        "action_name": "delete",
        "workflow.action_name": "approve",
        "task_state_id": 1,
        "task_id": task.pk,
        "workflow_state_id": 1,
        "page_pk": Page.objects.get(depth=2).pk,
        "workflow_pk": workflow.pk,
        "wagtailadmin_workflows.pk": workflow.pk,
        "tasks.pk": task.pk,
        "redirect_id": 1,
        "uploaded_file_id": 1,
        "object_id": 1,
        "session_id": 1,
        "uidb64": "MQ",
        "pk": 1,
        "settings.pk": Site.objects.get().pk,
        "presets.pk": ProcedurePreset.objects.first().pk,
        "law-sources.pk": LawSource.objects.first().pk,
        "topic-categories.pk": TopicCategory.objects.first().pk,
        "legal-figures.pk": LegalFigure.objects.first().pk,
        "adopting-bodies.pk": AdoptingBody.objects.first().pk,
        "event-kinds.pk": EventKind.objects.first().pk,
        "wagtailsites.pk": Site.objects.get().pk,
        "wagtailusers_users.pk": accounts["R"].pk,
        "wagtailusers_groups.pk": Group.objects.first().pk,
    }
