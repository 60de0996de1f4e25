from .accounts import Claim, User
from .changes import RollChange, RollLook, SheetMapping
from .entry import ClaimRequest, EntryCode
from .figures import LegalFigure
from .offices import Appointment, Role
from .own import Correction, SignIn
from .people import Resident
from .pilots import PilotMark
from .places import Household, PlaceCode, Region, Village, VillageGroup, Yard
from .proposals import Proposal
from .tenancy import VillageQuerySet
from .uploads import SheetUpload

__all__ = [
    "Appointment",
    "Claim",
    "ClaimRequest",
    "Correction",
    "EntryCode",
    "Household",
    "LegalFigure",
    "PilotMark",
    "PlaceCode",
    "Proposal",
    "Region",
    "Resident",
    "Role",
    "RollChange",
    "RollLook",
    "SheetMapping",
    "SheetUpload",
    "SignIn",
    "User",
    "Village",
    "VillageGroup",
    "VillageQuerySet",
    "Yard",
]
