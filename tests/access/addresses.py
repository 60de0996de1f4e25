"""Every address of the URL configuration, and how one of each is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import get_resolver
from django.urls.resolvers import URLResolver


@dataclass(frozen=True)
class Address:
    """One pattern: `name` with its namespaces, the route where there is none; `route` as the configuration has it."""

    name: str
    route: str

    @property
    def of_a_place(self) -> bool:
        """Whether it speaks of one village, region or thing, so that own and other differ."""
        spaces = {self.name, self.name.split(":")[0]}
        return bool(re.search(r"[<(]", self.route)) and not spaces & WITHOUT_PLACE


# What stands in them is no village's: a style sheet's version, a step, a kind of model.
WITHOUT_PLACE = {
    "ui:stylesheet", "me:gone", "code", r"^((?:[\w\-]+/)*)$", "wagtailcore_authenticate_with_password",
    "wagtaildocs_authenticate_with_password", "mfa_remove_webauthn", "mfa_edit_webauthn", "presets", "law-sources",
    "legal-figures", "topic-categories", "wagtailsites", "wagtailusers_users", "wagtailusers_groups",
    "wagtailadmin_workflows",
    "admin/workflows/remove/<int:page_pk>/<int:workflow_pk>/", "wagtailredirects", "wagtailsettings",
    "admin/settings/<slug:app_name>/<slug:model_name>/<int:pk>/", "wagtail_bulk_action",
    "wagtailadmin_tag_model_autocomplete", "wagtailadmin_editing_sessions", "wagtailadmin_password_reset_confirm",
}  # fmt: skip


def addresses() -> list[Address]:
    """All of them in order; of two under one name the second is called after its route."""
    found: dict[str, Address] = {}
    for name, route in _walk(get_resolver(), "", ()):
        key = name if name and name not in found else route
        found.setdefault(key, Address(key, route))
    return list(found.values())


def _walk(resolver: URLResolver, prefix: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route, (*spaces, *([pattern.namespace] if pattern.namespace else [])))
        else:
            yield (":".join([*spaces, pattern.name]) if pattern.name else ""), route


# Patterns that are regular expressions: what stands for them.
REGULAR = {
    "wagtaildocs_serve": "documents/{document_id}/{document_name}",
    "wagtail_serve": "{page_path}",
    r"^((?:[\w\-]+/)*)$": "{page_path}",
    "wagtailadmin_pages:revisions_compare": "admin/pages/{page_id}/revisions/compare/earliest...latest/",
    r"^media/(?P<path>images/.*|original_images/.*)$": "media/{image_file}",
    "admin/^.*/$": "admin/no-such-page/",
}


def path_of(address: Address, values: Mapping[str, object]) -> str:
    """The path with these values in it; KeyError names what is missing."""
    if address.name in REGULAR:
        return "/" + REGULAR[address.name].format_map(dict(values))
    route = address.route.replace("^", "").removesuffix("$")

    def filled(match: re.Match[str]) -> str:
        return str(_value(address, match[1], values))

    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", filled, route)


def _value(address: Address, name: str, values: Mapping[str, object]) -> object:
    """The value for the part of the route before it ("proposals.number"), of this app first, else by its own name."""
    space = address.name.split(":")[0]
    before = re.findall(r"([\w-]+)/", address.route.split(f"{name}>")[0])
    for part in reversed(before):
        for key in (f"{space}.{part}.{name}", f"{part}.{name}"):
            if key in values:
                return values[key]
    return values[f"{space}.{name}"] if f"{space}.{name}" in values else values[name]
