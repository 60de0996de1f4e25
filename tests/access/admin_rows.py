"""Rows of Wagtail's own admin (rows.py says how they are read)."""

from __future__ import annotations

from collections.abc import Mapping

from .rows import LISTS, MISSING, NOBODY, OPERATORS, OWN_PAGES, POST_ONLY, Row, admin, everybody, publishing

_PAGES = {
    "add": OWN_PAGES, "preview_on_add": OWN_PAGES, "add_subpage": OWN_PAGES, "usage": OWN_PAGES, "edit": OWN_PAGES,
    "preview_on_edit": OWN_PAGES, "view_draft": OWN_PAGES, "revisions_view": OWN_PAGES, "revisions_revert": OWN_PAGES,
    "revisions_compare": OWN_PAGES, "workflow_history": OWN_PAGES, "history": OWN_PAGES, "history_results": OWN_PAGES,
    "copy": OWN_PAGES,
    "workflow_history_detail": admin("denied", own="404"),
    "delete": publishing(), "unpublish": publishing(), "move": publishing(), "set_privacy": publishing(),
    "set_page_position": publishing(), "revisions_unschedule": publishing(),
    "move_confirm": publishing(refused="404"),
    "type_use": LISTS, "type_use_results": LISTS, "search": LISTS, "search_results": LISTS,
    "choose_parent": admin("on", operator="ok"),
    "convert_alias": MISSING,
    "workflow_action": MISSING, "collect_workflow_action_data": MISSING, "workflow_preview": admin("404", own="denied"),
    "confirm_workflow_cancellation": admin("404", own="ok"),
    "lock": POST_ONLY, "unlock": POST_ONLY, "revisions_index": admin("on"),
}  # fmt: skip
_WORKFLOWS = {
    **dict.fromkeys(
        (
            "index", "index_results", "add", "disable", "edit", "usage", "usage_results", "add_task",
            "select_task_type", "task_index", "task_index_results", "edit_task", "disable_task",
        ),
        NOBODY,
    ),
    **dict.fromkeys(("enable", "remove", "enable_task"), POST_ONLY),
    **dict.fromkeys(("task_chooser", "task_chooser_results", "task_chooser_create", "task_chosen"), LISTS),
}  # fmt: skip
_MODELS = ("index", "index_results", "add", "edit", "history", "history_results", "usage", "copy")
_MEDIA = {
    "index": LISTS, "index_results": LISTS, "add": LISTS, "add_multiple": LISTS,
    "edit": OWN_PAGES, "delete": OWN_PAGES,
    "edit_multiple": POST_ONLY, "delete_multiple": POST_ONLY, "delete_upload_multiple": POST_ONLY,
}  # fmt: skip
_CHOOSER = {
    "choose": LISTS, "choose_results": LISTS, "chosen": OWN_PAGES, "chosen_multiple": LISTS, "create": LISTS,
}  # fmt: skip


def _all(space: str, rows: Mapping[str, Row]) -> dict[str, Row]:
    return {f"{space}:{name}": row for name, row in rows.items()}


ADMIN: Mapping[str, Row] = {
    # One way in, and it is not Wagtail's.
    "admin/login/": everybody("sign-in"),
    "wagtailadmin_login": everybody("sign-in"),
    "wagtailadmin_password_reset": everybody("404"),
    "wagtailadmin_password_reset_done": everybody("404"),
    "wagtailadmin_password_reset_confirm": everybody("404"),
    "wagtailadmin_password_reset_complete": everybody("404"),
    "wagtailadmin_sprite": everybody(),
    "wagtailadmin_javascript_catalog": everybody(),
    "wagtailadmin_home": LISTS,
    "wagtailadmin_account": LISTS,
    "wagtailadmin_logout": POST_ONLY,
    "wagtailadmin_dismissibles": LISTS,
    "wagtailadmin_block_preview": MISSING,
    "wagtailadmin_editing_sessions:ping": POST_ONLY,
    "wagtailadmin_editing_sessions:release": POST_ONLY,
    "admin/^.*/$": MISSING,
    # Pages that fail on purpose.
    "admin/test404/": LISTS,
    "wagtailadmin_error_test": admin("500"),
    # Its own API, for its own pages: tests/test_admin_reach.py says whose things are in it.
    **_all("wagtailadmin_api", {
        "pages:listing": LISTS, "documents:listing": LISTS, "images:listing": LISTS,
        "pages:detail": admin("404", own="ok"), "documents:detail": admin("404", own="ok"),
        "images:detail": admin("404", own="ok"), "pages:action": POST_ONLY,
        "pages:find": MISSING, "documents:find": MISSING, "images:find": MISSING,
    }),
    "wagtailadmin_explore_root": admin("on", operator="ok"),
    "wagtailadmin_explore": admin("on", own="ok", operator="ok"),
    "wagtailadmin_explore_results": admin("on", own="ok", operator="ok"),
    "wagtail_bulk_action": MISSING,
    **_all("wagtailadmin_pages", _PAGES),
    **dict.fromkeys(
        (
            "wagtailadmin_choose_page", "wagtailadmin_choose_page_child", "wagtailadmin_choose_page_search",
            "wagtailadmin_choose_page_chosen_multiple", "wagtailadmin_choose_page_external_link",
            "wagtailadmin_choose_page_email_link", "wagtailadmin_choose_page_phone_link",
            "wagtailadmin_choose_page_anchor_link", "wagtailadmin_tag_autocomplete", "wagtailembeds:chooser",
            "wagtailembeds:chooser_upload",
        ),
        LISTS,
    ),
    "wagtailadmin_tag_model_autocomplete": MISSING,
    # Collections come with their villages, groups follow offices, the tree has no workflows of its own.
    **_all("wagtailadmin_collections", dict.fromkeys(("index", "add", "edit", "set_privacy"), NOBODY)),
    "wagtailadmin_collections:delete": MISSING,
    **_all("wagtailadmin_workflows", _WORKFLOWS),
    "admin/workflows/remove/<int:page_pk>/<int:workflow_pk>/": POST_ONLY,
    **_all("wagtailusers_groups", dict.fromkeys((*_MODELS[:7], "delete"), NOBODY)),
    **_all("wagtailsites", dict.fromkeys((*_MODELS, "delete"), NOBODY)),
    **_all("wagtailredirects", dict.fromkeys(
        ("index", "index_results", "add", "edit", "start_import", "process_import"), NOBODY
    )),
    "wagtailredirects:delete": MISSING,
    "wagtailsnippets:index": NOBODY,
    # The operators' own.
    **_all("wagtailusers_users", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("presets", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("law-sources", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("legal-figures", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("topic-categories", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("risky-wordings", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("adopting-bodies", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("clause-themes", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("event-kinds", dict.fromkeys(_MODELS, OPERATORS)),
    **_all("contest-templates", dict.fromkeys(_MODELS, OPERATORS)),
    **dict.fromkeys(
        (
            "wagtailusers_users:delete", "presets:delete", "law-sources:delete", "legal-figures:delete",
            "topic-categories:delete", "risky-wordings:delete", "adopting-bodies:delete", "event-kinds:delete",
            "clause-themes:delete", "contest-templates:delete",
        ),
        NOBODY,
    ),
    "wagtailsettings:edit": admin("denied", operator="on"),
    "admin/settings/<slug:app_name>/<slug:model_name>/<int:pk>/": OPERATORS,
    "wagtailsettings:preview_on_edit": admin("denied", operator="404"),
    # Reports tell of what the account may write.
    **_all("wagtailadmin_reports", {
        **dict.fromkeys(("locked_pages", "locked_pages_results"), NOBODY),
        **dict.fromkeys(
            (
                "workflow", "workflow_results", "workflow_tasks", "workflow_tasks_results", "site_history",
                "site_history_results", "aging_pages", "aging_pages_results", "page_types_usage",
                "page_types_usage_results",
            ),
            LISTS,
        ),
    }),
    **_all("wagtailforms", {
        "index": LISTS, "index_results": LISTS, "list_submissions": MISSING, "list_submissions_results": MISSING,
        "delete_submissions": NOBODY,
    }),
    **_all("wagtaildocs", _MEDIA | {"document_usage": OWN_PAGES, "create_multiple_from_uploaded_document": POST_ONLY}),
    **_all("wagtailimages", _MEDIA | {
        "image_usage": OWN_PAGES, "preview": OWN_PAGES, "create_multiple_from_uploaded_image": POST_ONLY,
        "url_generator": MISSING, "url_generator_output": MISSING,
    }),
    **_all("wagtaildocs_chooser", _CHOOSER),
    **_all("wagtailimages_chooser", _CHOOSER | {"select_format": admin("404", own="ok")}),
}  # fmt: skip
