from .accounts import Claim, User
from .changes import RollChange, RollLook, SheetMapping
from .entry import ClaimRequest, EntryCode
from .figures import LegalFigure
from .offices import Appointment, Role
from .people import Resident
from .places import Household, PlaceCode, Region, Village, VillageGroup, Yard
from .proposals import Proposal
from .tenancy import VillageQuerySet

__all__ = [
    "Appointment",
    "Claim",
    "ClaimRequest",
    "EntryCode",
    "Household",
    "LegalFigure",
    "PlaceCode",
    "Proposal",
    "Region",
    "Resident",
    "Role",
    "RollChange",
    "RollLook",
    "SheetMapping",
    "User",
    "Village",
    "VillageGroup",
    "VillageQuerySet",
    "Yard",
]
