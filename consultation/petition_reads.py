"""Petitions as somebody looks at them: who may be asked for what, how many have signed, what is still missing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from residents.models import Claim, Resident, User, Village

from .models import Petition, PetitionSheet, PetitionSignature, ProcedurePreset
from .quorum import Share


@dataclass(frozen=True)
class Way:
    """One way to demand a meeting: by which share of whom, as the preset has it."""

    preset: ProcedurePreset
    ground: Petition.Ground
    share: Share

    @classmethod
    def of(cls, petition: Petition) -> Way:
        """By which a petition was started, with its own share."""
        share = Share(">=", petition.share_num, petition.share_den)
        return cls(petition.preset, Petition.Ground(petition.ground), share)

    @property
    def key(self) -> str:
        return f"{self.preset.key}:{self.ground}"

    @property
    def electorate(self) -> str:
        """A kind of residents.roll.entitled."""
        return self.preset.electorate if self.ground == Petition.Ground.RESIDENTS else "representatives"


def ways_for(village: Village, *, on: datetime.date) -> list[Way]:
    """What may be demanded in this kind of place by the law of that day."""
    ways = []
    for preset in ProcedurePreset.objects.for_kind(village.kind).in_force(on).select_related("law"):
        for ground, num, den in (
            (Petition.Ground.RESIDENTS, preset.petition_num, preset.petition_den),
            (Petition.Ground.REPRESENTATIVES, preset.petition_delegates_num, preset.petition_delegates_den),
        ):
            if num and den:
                ways.append(Way(preset, ground, Share(">=", num, den)))
    return sorted(ways, key=lambda way: way.ground != Petition.Ground.RESIDENTS)


def signed_count(petition: Petition) -> int:
    return PetitionSignature.objects.of(petition.village).filter(petition=petition).valid().count()


def counts_of(petitions: Iterable[Petition]) -> dict[int, int]:
    """The same for many at once, by key; one query."""
    valid = PetitionSignature.objects.filter(petition__in=list(petitions)).valid().order_by()
    return dict(valid.values_list("petition").annotate(number=Count("pk")))


def started_by(petition: Petition, user: User) -> bool:
    """Whether the account is, or helps, the person who started it."""
    mine = Claim.objects.of(petition.village).confirmed().filter(user=user, resident=petition.started_by_id)
    return bool(user.is_authenticated) and mine.exists()


def given_by(petition: Petition, people: Sequence[Resident]) -> dict[int, PetitionSignature]:
    """The signatures of these people that were not found invalid, by person."""
    given = PetitionSignature.objects.of(petition.village).filter(petition=petition, resident__in=people)
    return {one.resident_id: one for one in given.filter(voided_at=None).select_related("sheet")}


def signatures_of(petition: Petition) -> list[PetitionSignature]:
    """All that were given, those on lists that nobody compared yet left out; for who reads names."""
    given = PetitionSignature.objects.of(petition.village).filter(petition=petition)
    told = given.filter(Q(sheet=None) | Q(sheet__state=PetitionSheet.State.CONFIRMED))
    return list(told.select_related("resident__household__group", "sheet").order_by("number"))
