"""What every visitor meets first: health, caching, headers, and settings that refuse to be careless."""

import os
import subprocess
import sys

import pytest
from django.core.cache import caches
from django.test import Client, override_settings

from consultation.key_store import get_key_store, new_ref
from home.sites import SiteFacts, prepare_site
from portal.checks import keys_apart
from residents.models import User
from tests import databases
from tests.factories.consultation import make_hall, open_vote


@pytest.mark.django_db
def test_health_answers_while_the_database_does(client: Client) -> None:
    get_key_store().prepare()
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "ballot_keys": "ok"})


@pytest.mark.django_db
def test_health_is_red_when_no_ballot_key_could_be_kept(client: Client, settings, tmp_path) -> None:
    settings.BALLOT_KEYS_DIR = tmp_path / "a file"
    settings.BALLOT_KEYS_DIR.write_text("where the directory should be")
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "ballot_keys": "unusable"})
    assert str(tmp_path) not in answer.text
    assert client.get("/healthz/?part=database").status_code == 200


@pytest.mark.django_db
def test_health_tells_of_missing_key_directories_and_makes_none(client: Client, settings, tmp_path) -> None:
    settings.BALLOT_KEYS_DIR, settings.BALLOT_KEYS_COPY_DIR = tmp_path / "one", tmp_path / "two"
    assert client.get("/healthz/").json()["ballot_keys"] == "unusable"
    assert not any(tmp_path.iterdir())


@pytest.mark.django_db
def test_health_is_red_when_a_motion_under_vote_has_lost_its_key(client: Client) -> None:
    motion = open_vote(make_hall())
    motion.key_ref = new_ref()
    motion.save()
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()["ballot_keys"]) == (503, "missing")
    caches["process"].clear()
    get_key_store().make(motion.key_ref)
    assert client.get("/healthz/").status_code == 200
    get_key_store().destroy(motion.key_ref)


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        ("keys", "copy", None),
        ("keys", "keys", "portal.E002"),
        ("keys", "x/../keys", "portal.E002"),
        ("keys", "keys/copy", "portal.E002"),
        ("media/keys", "copy", "portal.E003"),
        ("keys", "media", "portal.E003"),
        ("static/a/b", "copy", "portal.E003"),
        ("keys", "private/copy", "portal.E003"),
    ],
)
def test_ballot_keys_lie_apart_from_what_is_served_and_backed_up(settings, tmp_path, first, second, error) -> None:
    for name in ("media", "static", "private"):
        setattr(settings, f"{name.upper()}_ROOT", tmp_path / name)
    settings.BALLOT_KEYS_DIR, settings.BALLOT_KEYS_COPY_DIR = tmp_path / first, tmp_path / second
    assert [found.id for found in keys_apart()] == ([error] if error else [])


@pytest.mark.django_db
def test_public_pages_are_strict_and_set_no_cookie(client: Client) -> None:
    prepare_site(SiteFacts(portal_name="测试门户"))
    answer = client.get("/")
    policy = answer["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "script-src 'self';" in policy + ";"
    assert "unsafe" not in policy
    assert not answer.cookies
    assert "<script>" not in answer.content.decode()
    assert " style=" not in answer.content.decode()


@pytest.mark.django_db
@override_settings(ANONYMOUS_PAGE_SECONDS=60)
def test_visitors_share_a_page_and_nobody_gets_anothers(client: Client, django_assert_num_queries) -> None:
    prepare_site(SiteFacts(portal_name="测试门户"))
    client.get("/")
    with django_assert_num_queries(0):
        again = client.get("/")
    assert again["Cache-Control"] == "private, no-cache"
    client.cookies["elder"] = "1"
    assert 'data-size="elder"' in client.get("/").content.decode()
    client.cookies["language"] = "en"
    assert 'lang="en"' in client.get("/").content.decode()
    signed_in = Client()
    signed_in.force_login(User.objects.create(username="li", display_name="李四"))
    assert "李四" in signed_in.get("/").content.decode()
    assert "李四" not in Client().get("/").content.decode()


@pytest.mark.parametrize(
    ("given", "asked_for"),
    [
        ({}, "SECRET_KEY"),
        ({"SECRET_KEY": "s" * 40}, "FIELD_KEY"),
        ({"SECRET_KEY": "s" * 40, "FIELD_KEY": "f" * 40}, "PUBLIC_URL"),
    ],
)
def test_production_refuses_to_start_without_its_secrets(given: dict[str, str], asked_for: str, tmp_path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "FIELD_KEY", "PUBLIC_URL")}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=databases.ROOT,
        env=kept | given | {"DJANGO_SETTINGS_MODULE": "portal.settings.production", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert asked_for in done.stderr


@pytest.mark.long  # a quarter of a minute: a site of its own, its files hashed
def test_a_real_site_is_set_up_and_its_static_files_are_hashed(tmp_path) -> None:
    """`make setup` with its answers in the environment, then what `make serve` prepares."""
    site = tmp_path / "site"
    address = {
        "PUBLIC_URL": "https://cun.example.cn",
        "DATA_DIR": str(site),
        "DATABASE_URL": f"sqlite:///{site}/portal.sqlite3",
    }
    answers = {
        "SITE_PORTAL_NAME": "某县村务", "SITE_ORGANISER": "某县", "SITE_CONTACT": "某路一号", "SITE_PROVINCE": "某省",
        "SITE_PREFECTURE": "某市", "SITE_COUNTY": "某县", "SITE_COUNTY_CODE": "990101", "SITE_OPERATOR": "yunying",
        "SITE_OPERATOR_NAME": "运营", "SITE_OPERATOR_PASSWORD": "duoduo-cunzhuang",
    }  # fmt: skip
    environment = os.environ | address | answers | {"DJANGO_SETTINGS_MODULE": "portal.settings.production"}
    environment.pop("SECRET_KEY", None)

    def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=databases.ROOT,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("-m", "portal.environment").returncode == 0
    assert oct((site / "site.env").stat().st_mode)[-3:] == "600"
    databases.restore_sqlite(site / "portal.sqlite3")
    done = run("manage.py", "setup")
    assert done.returncode == 0, done.stderr
    assert run("manage.py", "check", "--database", "default").returncode == 0
    again = run("manage.py", "setup")
    assert again.returncode != 0
    built = run("manage.py", "collectstatic", "--noinput", "--verbosity", "0", STATIC_ROOT=str(tmp_path / "static"))
    assert built.returncode == 0, built.stderr
    script = next((tmp_path / "static" / "consultation" / "js").glob("meeting.*.js")).read_text()
    assert "./socket.js" not in script
    assert "socket." in script
    refused = run(
        "manage.py", "shell", "-c", "from residents.models import User; User.objects.update(is_superuser=True)"
    )
    assert refused.returncode == 0, refused.stderr
    superuser = run("manage.py", "check", "--database", "default")
    assert "portal.E001" in superuser.stderr
    assert run("manage.py", "demo").returncode != 0
