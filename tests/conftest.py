"""Databases from a migrated template; whoever needs real transactions gets a fresh copy for each test."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache, caches
from django.core.handlers.base import BaseHandler
from django.core.signals import setting_changed
from django.test.client import ClientHandler
from django.utils import translation

from tests import databases

# How quick a machine is today is no property of the rules.
hypothesis.settings.register_profile("portal", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("portal")

LANGUAGE = "zh-hans"
PREFIX = "village-portal-test-"
_number = itertools.count(1)


def _forget(path: Path) -> None:
    if path.name.startswith(PREFIX):
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink(missing_ok=True)


def _restore(worker: str) -> None:
    """Give the connection a freshly copied database of this worker's own."""
    from django.conf import settings
    from django.db import connections

    connections.close_all()
    settings_dict = settings.DATABASES["default"]
    if "sqlite" in settings_dict["ENGINE"]:
        # A new file each time: a connection that a thread left open must not find another file under its name.
        _forget(Path(str(settings_dict["NAME"])))
        path = Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}-{worker}-{next(_number)}.sqlite3"
        databases.restore_sqlite(path)
        name: str = str(path)
    else:
        name = f"test_{worker}"
        databases.restore_postgres(databases.server_of(settings_dict), name)
    settings_dict["NAME"] = name
    connections["default"].settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, worker: str) -> Iterator[None]:
    """Instead of migrating: a copy of the migrated template."""
    from django.db import connections

    with django_db_blocker.unblock():
        _restore(worker)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        _forget(Path(str(connections["default"].settings_dict["NAME"])))


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_guards() -> Iterator[None]:
    """Between tests with `transaction=True` Django empties all tables; the audit log's would refuse it."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from audit import guards

    empty = BaseDatabaseOperations.execute_sql_flush

    def flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        guards.take_down(self.connection)
        try:
            empty(self, sql_list)
        finally:
            guards.put_up(self.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """For what a module's tests all start from: written once, undone at the module's end.

    A test's own writing is undone after the test, as ever: its transaction lies within the module's.
    """
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic(), translation.override(LANGUAGE):
        yield
        transaction.set_rollback(True)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any, worker: str) -> Iterator[None]:
    """Real transactions, several connections and threads; the database is thrown away afterwards."""
    from django.contrib.contenttypes.models import ContentType
    from django.db import connections

    with django_db_blocker.unblock():
        # What an earlier test added and took back is still remembered in the process.
        ContentType.objects.clear_cache()
        yield
        ContentType.objects.clear_cache()
        connections.close_all()
        _restore(worker)


@pytest.fixture(scope="session", autouse=True)
def _one_chain_of_middlewares() -> Iterator[None]:
    """All clients share one: making it looks every static file up. A test that changes a setting gets its own."""
    made: dict[str, object] = {}
    parts = ("_middleware_chain", "_view_middleware", "_template_response_middleware", "_exception_middleware")

    def load(handler: ClientHandler, is_async: bool = False) -> None:
        if not made:
            BaseHandler.load_middleware(handler, is_async=is_async)
            made.update({name: getattr(handler, name) for name in parts})
        vars(handler).update(made)

    def forget(**_changed: object) -> None:
        made.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load, raising=False)
        yield
    setting_changed.disconnect(forget)


@contextlib.contextmanager
def _indexing(on: bool) -> Iterator[None]:
    """Whether what is saved goes into the search index."""
    from django.conf import settings
    from django.db.models.signals import post_save
    from wagtail.search.index import get_indexed_models
    from wagtail.search.signal_handlers import post_save_signal_handler

    def turn(to: bool) -> None:
        settings.WAGTAILSEARCH_BACKENDS["default"]["AUTO_UPDATE"] = to
        for model in get_indexed_models():
            if getattr(model, "search_auto_update", True):
                (post_save.connect if to else post_save.disconnect)(post_save_signal_handler, sender=model)

    turn(on)
    yield
    turn(not on)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_indexed() -> Iterator[None]:
    """A page is saved several times until it is there, each time with half a dozen queries for either index: what is
    found, and what refers to what (the admin's "used in", of which no test asks)."""
    from wagtail.models import ReferenceIndex
    from wagtail.signal_handlers import disconnect_reference_index_signal_handlers_for_model

    for model in ReferenceIndex.tracked_models:
        disconnect_reference_index_signal_handlers_for_model(model)
    with _indexing(False):
        yield


@pytest.fixture
def searchable() -> Iterator[None]:
    """What is saved from here on can be searched, as on a site."""
    with _indexing(True):
        yield


@pytest.fixture(scope="session")
def _own_cache(worker: str) -> None:
    """In Redis each worker has a database of its own: emptying one must not forget what another counts."""
    described = caches.settings["default"]
    if worker.startswith("gw") and described["LOCATION"].endswith("?db=0"):
        described["LOCATION"] = f"{described['LOCATION'][:-1]}{int(worker[2:]) + 1}"
        with contextlib.suppress(AttributeError):
            del caches["default"]  # made before, with the address that all workers share


@pytest.fixture(autouse=True)
def _as_at_the_start_of_a_request(_own_cache: None) -> Iterator[None]:
    """An empty cache, and the site's own language: an earlier request's stays active in its thread."""
    cache.clear()
    caches["process"].clear()
    with translation.override(LANGUAGE):
        yield


def pytest_collection_finish(session: pytest.Session) -> None:
    """All that is there by now stays to the end: nobody needs to look through it again and again for garbage."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What this run cannot do is skipped with its reason, or fails where CI=true says that nothing may be skipped."""
    from tests.servers import find_browser

    missing = {}
    if "sqlite" in os.environ.get("DATABASE_URL", "sqlite"):
        missing["postgres"] = "runs in the PostgreSQL part of `make test`"
    if not os.environ.get("REDIS_URL"):
        missing["valkey"] = "runs in the Redis/Valkey part of `make test`"
    if find_browser() is None:
        missing["browser"] = "no Chromium found: install chromium or set BROWSER="
    for item in items:
        for mark, reason in missing.items():
            if item.get_closest_marker(mark):
                if mark == "browser" and os.environ.get("CI") == "true":
                    continue  # runs, and fails for want of a browser
                item.add_marker(pytest.mark.skip(reason=reason))
