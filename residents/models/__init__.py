from .accounts import Claim, User
from .offices import Appointment, Role
from .people import Resident
from .places import Household, Region, Village, VillageGroup, Yard
from .tenancy import VillageQuerySet

__all__ = [
    "Appointment",
    "Claim",
    "Household",
    "Region",
    "Resident",
    "Role",
    "User",
    "Village",
    "VillageGroup",
    "VillageQuerySet",
    "Yard",
]
