"""Matters that by law somebody else decides: what a vote on them here can be. Imports neither Django nor models."""

from __future__ import annotations

from collections.abc import Mapping

# Whose decision it is, by models.ReservedFor, and which bodies (ProcedurePreset.body) are that body: the laws let the
# representatives' assemblies decide what they are authorised to.
_BODIES: Mapping[str, frozenset[str]] = {
    "villagers_assembly": frozenset({"villagers_assembly", "villagers_representative_assembly"}),
    "residents_assembly": frozenset({"residents_assembly", "residents_representative_assembly"}),
    "collective_members_assembly": frozenset({"collective_members_assembly", "collective_delegates_assembly"}),
    "owners_vote": frozenset({"owners_vote"}),
    "government": frozenset(),
}
NOTHING_SAID = "inquorate"  # too few came: not even an opinion
REFERRED = "referred"


def is_only_opinion(reserved_for: str, *, body: str, binding: bool) -> bool:
    """Whether a vote of this body on a matter reserved so (empty: for nobody) is an opinion that is passed on.

    What is not binding never decides a reserved matter, nor does another body than the one it is reserved for.
    """
    return bool(reserved_for) and not (binding and body in _BODIES.get(reserved_for, frozenset()))


def as_referred(outcome: str, *, referred_to: str) -> str:
    """The outcome of a vote whose question was opened as an opinion for somebody else (`referred_to`, else empty)."""
    return REFERRED if referred_to and outcome != NOTHING_SAID else outcome
