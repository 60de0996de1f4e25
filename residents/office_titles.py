"""What offices are called: 村委会主任 in a village, 居委会主任 in a community."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .models import Appointment, Role, Village


def role_title(role: str, village: Village) -> str:
    """The office as this kind of place calls it: 村委会主任 in a village, 居委会主任 in a community."""
    if village.is_community:
        titles = {
            Role.COMMITTEE_CHAIR: _("居委会主任"),
            Role.COMMITTEE_MEMBER: _("居委会委员"),
            Role.REPRESENTATIVE: _("居民代表"),
            Role.VILLAGE_ADMIN: _("社区管理员"),
        }
    else:
        titles = {
            Role.COMMITTEE_CHAIR: _("村委会主任"),
            Role.COMMITTEE_MEMBER: _("村委会委员"),
            Role.REPRESENTATIVE: _("村民代表"),
            Role.VILLAGE_ADMIN: _("村管理员"),
        }
    return str(titles.get(Role(role), Role(role).label))


def office_words(office: Appointment) -> str:
    """Title, group or yard, and duty of an office, as a notice board writes them."""
    title = role_title(office.role, office.village) if office.village is not None else str(office.get_role_display())
    where = [str(place) for place in (office.group, office.yard) if place is not None]
    return " · ".join([title, *where, *([office.duty] if office.duty else [])])


def holder_of(office: Appointment) -> str:
    return str(office.resident or office.user)
