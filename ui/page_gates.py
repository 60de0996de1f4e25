"""Rights on pages that stop at a gate: whoever was given rights further up the tree has none behind it.

Wagtail adds rights down the whole tree and never takes one away. A page class with `is_gate = True` begins a part that
has editors of its own; a county's editors and the site's operators end before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.db.models.functions import Substr
from wagtail.models import Page, PagePermissionTester
from wagtail.permission_policies.pages import PagePermissionPolicy

_CACHE = "_gate_paths_cache"


def gate_paths(user: Any) -> frozenset[str]:
    """Where the gates stand in the tree; read once for each request's account."""
    known = getattr(user, _CACHE, None)
    if known is None:
        gates = [model for model in apps.get_models() if issubclass(model, Page) and getattr(model, "is_gate", False)]
        types = ContentType.objects.get_for_models(*gates).values()
        known = frozenset(Page.objects.filter(content_type__in=types).values_list("path", flat=True))
        setattr(user, _CACHE, known)
    return known


def reaches(granted_at: str, path: str, gates: Iterable[str]) -> bool:
    """Whether a right given at one path of the tree holds at another: below it, with no gate between."""
    if not path.startswith(granted_at):
        return False
    return not any(path.startswith(gate) and len(gate) > len(granted_at) for gate in gates)


def _above_gates(perm: Any, gates: frozenset[str]) -> bool:
    return any(gate.startswith(perm.page.path) and gate != perm.page.path for gate in gates)


class GatedPermissionTester(PagePermissionTester):
    """Wagtail's own answers from the rights that reach the page; what code made is not moved, copied, deleted."""

    def __init__(self, user: Any, page: Page) -> None:
        super().__init__(user, page)
        if self.user.is_active and not self.user.is_superuser:
            given = list(self.permission_policy.get_cached_permissions_for_user(user))
            gates = gate_paths(user) if any(page.path.startswith(perm.page.path) for perm in given) else frozenset()
            self.permissions = {
                perm.permission.codename.rsplit("_", maxsplit=1)[0]
                for perm in given
                if reaches(perm.page.path, page.path, gates)
            }
        self.is_fixed = getattr(page.specific_class, "is_fixed", False)

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return not self.is_fixed and super().can_delete(ignore_bulk)

    def can_unpublish(self) -> bool:
        return not self.is_fixed and super().can_unpublish()

    def can_copy(self) -> bool:
        return not self.is_fixed and super().can_copy()

    def can_set_view_restrictions(self) -> bool:
        return not self.is_fixed and super().can_set_view_restrictions()


class GatedPagePermissionPolicy(PagePermissionPolicy):
    """The same for Wagtail's lists: explorer, search, reports, choosers."""

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Page) -> bool:
        base = self._base_user_has_permission(user)
        if base is not None:
            return base
        held: set[str] = set()
        for perm in self.get_cached_permissions_for_user(user):
            if reaches(perm.page.path, instance.path, gate_paths(user)):
                held.add(perm.permission.codename)
                if perm.permission.codename == "add_page" and instance.owner_id == user.pk:
                    held.add("change_page")
        return bool(self._get_permission_codenames(actions) & held)

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> QuerySet[Page]:
        pages = super().instances_user_has_any_permission_for(user, actions)
        if user.is_superuser or not user.is_active:
            return pages
        given = list(self.get_cached_permissions_for_user(user))
        gates = gate_paths(user) if given else frozenset()
        if not any(_above_gates(perm, gates) for perm in given):
            return pages
        own = {gate for gate in gates if any(perm.page.path.startswith(gate) for perm in given)}
        return pages.exclude(pk__in=_behind(gates - own))


def _behind(gates: frozenset[str]) -> QuerySet[Page]:
    """Everything from these gates on. A path's beginning is compared, for each depth at which gates stand."""
    lengths = {len(gate) for gate in gates}
    cut = {f"first_{length}": Substr("path", 1, length) for length in lengths}
    behind = Q()
    for length in lengths:
        behind |= Q(**{f"first_{length}__in": [gate for gate in gates if len(gate) == length]})
    return Page.objects.alias(**cut).filter(behind).values("pk") if gates else Page.objects.none()


def install() -> None:
    """Let the one policy that all of Wagtail's admin shares be ours; Wagtail 7.4 has no setting for it."""
    from wagtail.permissions import page_permission_policy  # noqa: PLC0415  wants models, which load after apps

    page_permission_policy.__class__ = GatedPagePermissionPolicy
