"""`python -m tests.quick_migrate`: the site's migrations in a sixth of the time, for the templates of databases.py.

Django renders a changed model's whole neighbourhood anew at each of 250 operations, and here nearly everything is the
neighbour of a page or an account. Tables need only the model that changed; RunPython still gets all models rendered.
`make test-long` holds what comes out against Django's own way.
"""

from __future__ import annotations

import gc
import os

import django
from django.core.management import call_command
from django.db.migrations.state import ProjectState


def _only_itself(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
    state.is_delayed = True  # RunPython then renders everything before it looks
    return {(app_label, model_name)}


def main() -> None:
    gc.disable()  # every rendered model is a cycle, and the process ends soon
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    django.setup()
    ProjectState._find_reload_model = _only_itself  # type: ignore[method-assign]
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main()
