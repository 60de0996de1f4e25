"""From the lock to publication: one document, one ranking, objections in between; and anybody can work it out again."""

from __future__ import annotations

import csv
import datetime
import importlib.util
import io
import json
import random
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from contest import judging, locked, objections, results
from contest.errors import ContestRefused, Incomplete, NotAllowed, WrongState
from contest.models import (
    Assignment,
    Award,
    Contest,
    CountedVotes,
    Criterion,
    Judge,
    Objection,
    Ranking,
    Score,
)
from contest.ranking import EXPERT_METHODS, PUBLIC_METHODS, TIE_RULES, shown
from contest.result_files import SCRIPT, as_csv, as_json, as_xlsx
from contest.result_words import told
from contest.running import archive
from tests.factories.contest import make_contest, make_entry, make_officer
from tests.factories.judging import all_give, close_all, give, make_jury, sheet_of
from tests.factories.residents import make_phone_account, make_region, make_user

DEMO = Path(__file__).parents[2] / "home" / "demo" / "contest.yaml"
MARKS = ("10", "20")
SCORES = ("expert_score", "public_score", "final_score")


def script():
    spec = importlib.util.spec_from_file_location("recompute_ranking", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judged(many: int = 3, entries: int = 3, **fields: object):
    contest, organizer, judges = make_jury(many, entries, **fields)
    for place, judge in enumerate(judges):
        for number in range(1, entries + 1):
            give(judge, number, str(20 - number), f"{25 - number - place / 2:g}")
    for entry in contest.entries.all():
        CountedVotes.objects.create(
            village=entry.village, entry=entry, raw=110 - entry.number, removed=10, valid=100 - entry.number
        )
    close_all(contest)
    return contest, organizer, judges


def in_notice(**fields: object):
    contest, organizer, _judges = judged(**fields)
    results.lock_scores(contest, by=organizer)
    results.give_notice(contest, days=7, by=organizer)
    return contest, organizer


def end_notice(contest: Contest) -> None:
    now = timezone.now()
    contest.stages.filter(key="public_notice").update(
        opens_at=now - datetime.timedelta(days=8), closes_at=now - datetime.timedelta(days=1)
    )


@pytest.mark.django_db
def test_the_lock_freezes_marks_and_votes():
    contest, organizer, judges = judged()
    made = results.lock_scores(contest, by=organizer)
    contest.refresh_from_db()
    assert contest.state == "score_locked"
    assert [one.entry.number for one in made.results.all()] == [1, 2, 3]
    before = made.digest
    with pytest.raises(WrongState):
        judging.record_score(sheet_of(judges[0]), {"legality": "1"}, by=judges[0].account)
    with pytest.raises(WrongState):
        results.lock_scores(contest, by=organizer)
    Score.objects.update(mark=0)
    CountedVotes.objects.update(raw=0, removed=0, valid=0)
    again = Ranking.objects.get()
    assert results.is_reproducible(again)
    assert again.digest == before
    again.results.filter(place=1).update(final="1/3")
    assert not results.is_reproducible(again)


@pytest.mark.django_db
def test_the_lock_waits_for_vote_and_sheets():
    contest, organizer, judges = make_jury(2, 2)
    with pytest.raises(WrongState, match="公众投票"):
        results.lock_scores(contest, by=organizer)
    hour = timezone.now() - datetime.timedelta(hours=1)
    contest.stages.filter(key="public_vote").update(closes_at=hour)
    all_give(judges[:1], 2)
    with pytest.raises(WrongState, match="2 张评分表"):
        results.lock_scores(contest, by=organizer)
    all_give(judges[1:], 2)
    with pytest.raises(NotAllowed):
        results.lock_scores(contest, by=judges[0].account)
    results.lock_scores(contest, by=organizer)


@pytest.mark.django_db
def test_an_unfinished_sheet_does_not_count_and_an_entry_without_any_stops_the_lock():
    contest, organizer, judges = make_jury(2, 2)
    give(judges[0], 1, *MARKS)
    give(judges[1], 1, "1", "1", done=False)
    close_all(contest)
    with pytest.raises(WrongState, match="没有一位评委"):
        results.lock_scores(contest, by=organizer)
    contest.refresh_from_db()
    assert (contest.state, Ranking.objects.count()) == ("announced", 0)
    contest.entries.filter(number=2).update(state="withdrawn")
    made = results.lock_scores(contest, by=organizer)
    (only,) = made.document["entries"]
    assert [sheet["judge"] for sheet in only["sheets"]] == ["j01"]


@pytest.mark.django_db
def test_sheets_that_fell_do_not_count():
    contest, organizer, judges = judged()
    judging.resign_judge(judges[0], "收了礼", by=organizer, sheets_fall=True)
    made = results.lock_scores(contest, by=organizer)
    assert {sheet["judge"] for one in made.document["entries"] for sheet in one["sheets"]} == {"j02", "j03"}


@pytest.mark.django_db
def test_those_who_share_a_place_share_its_award():
    contest, organizer, judges = make_jury(1, 4)
    contest.awards.all().delete()
    for position, (name, count) in enumerate([("一等", 1), ("二等", 2)], start=1):
        Award.objects.create(contest=contest, name=name, count=count, position=position)
    for number, mark in ((1, "20"), (2, "20"), (3, "10"), (4, "10")):
        give(judges[0], number, mark, "10")
    close_all(contest)
    made = results.lock_scores(contest, by=organizer)
    lines = [(one.place, one.award.name) for one in made.results.select_related("award")]
    assert lines == [(1, "一等"), (1, "一等"), (3, "二等"), (3, "二等")]


@pytest.mark.django_db
def test_notice_is_given_once_and_for_long_enough():
    contest, organizer, _judges = judged()
    with pytest.raises(WrongState):
        results.give_notice(contest, days=7, by=organizer)
    results.lock_scores(contest, by=organizer)
    for days in (0, 2, 61):
        with pytest.raises(Incomplete):
            results.give_notice(contest, days=days, by=organizer)
    stage = results.give_notice(contest, days=7, by=organizer)
    assert stage.closes_at - stage.opens_at == datetime.timedelta(days=7)
    with pytest.raises(WrongState):
        results.give_notice(contest, days=7, by=organizer)


@pytest.mark.django_db
def test_publication_waits_for_the_end_of_the_notice_and_for_every_objection():
    contest, organizer = in_notice()
    objector = make_phone_account("15400000099")
    one = objections.object_to(contest, by=objector, text="票数不对", real_name="张三")
    with pytest.raises(WrongState, match="公示到"):
        results.publish_results(contest, by=organizer)
    end_notice(contest)
    with pytest.raises(WrongState, match="1 件异议"):
        results.publish_results(contest, by=organizer)
    with pytest.raises(NotAllowed):
        objections.dismiss(one, by=objector, answer="没事", public_words="票数")
    with pytest.raises(Incomplete):
        objections.dismiss(one, by=organizer, answer="核过", public_words="张三说票数不对")
    objections.dismiss(one, by=organizer, answer="核过，没错", public_words="有人说票数不对")
    with pytest.raises(WrongState):
        objections.dismiss(one, by=organizer, answer="核过，没错", public_words="有人说票数不对")
    results.publish_results(contest, by=organizer)
    contest.refresh_from_db()
    assert contest.state == "published"
    assert set(contest.entries.values_list("state", flat=True)) == {"awarded"}
    with pytest.raises(WrongState):
        results.publish_results(contest, by=organizer)
    archive(contest, by=organizer)
    assert results.newest(contest) is not None


@pytest.mark.django_db
def test_who_may_object():
    contest, organizer = in_notice()
    said = {"text": "抄的", "real_name": "李四"}
    for account in (make_user(), organizer):
        with pytest.raises(NotAllowed):
            objections.object_to(contest, by=account, **said)
    known = make_phone_account("15400000098")
    with pytest.raises(NotAllowed):
        objections.object_to(contest, by=known, channel="paper", **said)
    objections.object_to(contest, by=organizer, channel="phone", **said)
    for bad in ({"text": " "}, {"text": "字" * 2001}, {"real_name": ""}, {"entry": make_entry(make_contest())}):
        with pytest.raises(Incomplete):
            objections.object_to(contest, by=known, **said | bad)
    for _ in range(5):
        objections.object_to(contest, by=known, **said)
    with pytest.raises(WrongState):
        objections.object_to(contest, by=known, **said)
    end_notice(contest)
    with pytest.raises(ContestRefused) as refused:
        objections.object_to(contest, by=make_phone_account("15400000097"), **said)
    assert refused.value.code == "poll_closed"


@pytest.mark.django_db
def test_an_objection_that_holds_makes_a_new_version_and_keeps_the_first():
    contest, organizer = in_notice()
    known = make_phone_account("15400000096")
    first = contest.entries.get(number=1)
    one = objections.object_to(contest, by=known, text="抄的", real_name="李四", entry=first)
    made = objections.uphold(one, by=organizer, answer="查实是抄的", public_words="有人说是抄的", disqualify=True)
    assert [line.entry.number for line in made.results.all()] == [2, 3]
    assert made.document["out"][0]["key"] == first.key
    old = contest.rankings.get(version=1)
    assert [line.entry.number for line in old.results.all()] == [1, 2, 3]
    assert results.is_reproducible(old)
    assert results.is_reproducible(made)
    first.refresh_from_db()
    assert first.state == "disqualified"
    again = objections.object_to(contest, by=known, text="刷票", real_name="李四", entry=contest.entries.get(number=2))
    with pytest.raises(Incomplete):
        objections.uphold(again, by=organizer, answer="是", public_words="刷票", votes_removed=99)
    assert Objection.objects.get(pk=again.pk).state == "open", "refused: nothing of it is kept"
    third = objections.uphold(again, by=organizer, answer="是", public_words="刷票", votes_removed=90)
    assert {one["key"]: one["votes"] for one in third.document["entries"]} == {"e02": 8, "e03": 97}
    assert third.version == 3
    end_notice(contest)
    results.publish_results(contest, by=organizer)
    assert list(contest.entries.order_by("number").values_list("state", flat=True)) == [
        "disqualified", "awarded", "awarded",
    ]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Ranking.objects.create(contest=contest, version=4, document={}, digest="", reason="")


@pytest.mark.django_db
def test_an_entry_that_left_after_the_lock_stops_publication():
    contest, organizer = in_notice()
    contest.entries.filter(number=1).update(state="withdrawn")
    end_notice(contest)
    with pytest.raises(WrongState, match="重算"):
        results.publish_results(contest, by=organizer)


def bring_in(document) -> tuple[Contest, object]:
    """The demo's finished contest through the real models."""
    said = document["contest"]
    county = make_region("county")
    contest = make_contest(
        region=county, now=timezone.now(), expert_share=said["weights"]["expert"],
        public_method=said["public_score_method"], expert_method=said["expert_score_method"],
    )  # fmt: skip
    contest.criteria.all().delete()
    contest.awards.all().delete()
    for position, one in enumerate(said["criteria"], start=1):
        Criterion.objects.create(
            contest=contest, key=one["key"], label=one["label"], most=one["max"], position=position
        )
    for position, one in enumerate(said["awards"], start=1):
        Award.objects.create(contest=contest, name=one["name"], count=one["count"], position=position)
    judges = {
        name: Judge.objects.create(contest=contest, number=number, name=name)
        for number, name in enumerate(said["judges"], start=1)
    }
    criteria = {one.key: one for one in contest.criteria.all()}
    for one in document["entries"]:
        if not one.get("scores"):
            continue
        entry = make_entry(contest, key=one["id"], title=one["title"])
        CountedVotes.objects.create(village=entry.village, entry=entry, **one["votes"])
        for row in one["scores"]:
            sheet = Assignment.objects.create(judge=judges[row["judge"]], entry=entry, done_at=timezone.now())
            for key, criterion in criteria.items():
                Score.objects.create(assignment=sheet, criterion=criterion, mark=row[key])
    close_all(contest)
    return contest, make_officer("organizer", county)


@pytest.mark.django_db
def test_the_finished_demo_contest_is_its_file_to_the_last_decimal(tmp_path, capsys):
    document = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    published = {one["id"]: one["result"] for one in document["entries"] if one.get("scores")}
    contest, organizer = bring_in(document)
    ranking = results.lock_scores(contest, by=organizer)
    expected = {
        key: (one["rank"], *(Decimal(str(one[name])) for name in SCORES), one["award"])
        for key, one in published.items()
    }  # fmt: skip
    said = {
        one.key: (one.place, Decimal(one.expert), Decimal(one.public), Decimal(one.final), one.award)
        for one in told(ranking.document)
    }
    assert said == expected
    for name, text in (("r.json", as_json(ranking)), ("r.csv", as_csv(ranking))):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8", newline="")
        run = subprocess.run(
            [sys.executable, "-I", str(SCRIPT), str(file)], capture_output=True, text=True, check=False
        )
        assert (run.returncode, "一致" in run.stdout) == (0, True), run.stdout + run.stderr
        for one in published.values():
            assert f"总分 {one['final_score']:.2f}（专家 {one['expert_score']:.2f}" in run.stdout
    out = io.StringIO()
    call_command("rank_contest", contest.slug, "--json", stdout=out)
    (best, *_others) = json.loads(out.getvalue())["ranking"]
    assert best["final"] == shown(Fraction(ranking.results.first().final))
    assert any("去掉最高" in words for words in best["words"])


@pytest.mark.django_db
def test_the_command_tells_nothing_before_the_lock():
    contest, _organizer, _judges = judged()
    for slug in (contest.slug, "nowhere"):
        with pytest.raises(CommandError):
            call_command("rank_contest", slug, "--json")


@pytest.mark.django_db
def test_the_files_hold_no_formula_no_name_of_a_judge_and_the_same_lines(tmp_path):
    contest, organizer, judges = judged()
    contest.entries.filter(number=1).update(title='=HYPERLINK("x")')
    ranking = results.lock_scores(contest, by=organizer)
    rows = list(csv.reader(as_csv(ranking).lstrip("\ufeff").splitlines()))
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    book = load_workbook(io.BytesIO(as_xlsx(ranking)))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)
    for name in (judge.name for judge in judges):
        assert name not in as_csv(ranking) + as_json(ranking)
    assert len(list(book.worksheets[1].iter_rows())) == len(rows)
    assert script().main([str(write(tmp_path / "a.csv", as_csv(ranking)))]) == 0


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8", newline="")
    return file


@pytest.mark.django_db
def test_the_script_finds_what_was_altered(tmp_path, capsys):
    contest, organizer, _judges = judged()
    ranking = results.lock_scores(contest, by=organizer)
    whole = json.loads(as_json(ranking))
    for change in (
        lambda one: one["results"][0].update(place=2),
        lambda one: one["results"][0].update(final="99/1"),
        lambda one: one["results"][0].update(award="冠军"),
        lambda one: one["results"].pop(),
        lambda one: one["document"]["entries"][0].update(votes=1),
        lambda one: one.update(digest="0" * 64),
    ):
        altered = json.loads(json.dumps(whole))
        change(altered)
        assert script().main([str(write(tmp_path / "b.json", json.dumps(altered)))]) == 1, capsys.readouterr().out
    for text in (
        "",
        "{}",
        "[]",
        '{"document": 1}',
        "格式,x/9\r\n",
        "\x00",
        '{"document":{"schema":"contest-ranking/1"}}',
    ):
        assert script().main([str(write(tmp_path / "c.json", text))]) == 2
    assert script().main([str(tmp_path / "none.json")]) == 2
    assert script().main([]) == 2


marks = st.integers(0, 40).map(lambda half: f"{half / 2:g}")


@st.composite
def documents(draw: st.DrawFn):
    entries = [
        {
            "key": f"e{number}", "title": f"申报{number}", "village": "村", "raw": 9, "removed": 0,
            "votes": draw(st.integers(0, 5)),
            "sheets": [
                {"judge": judge, "marks": {"a": draw(marks), "b": draw(marks)}}
                for judge in draw(st.lists(st.sampled_from(["j01", "j02", "j03", "j04"]), unique=True, min_size=1))
            ],
        }
        for number in range(draw(st.integers(1, 6)))
    ]  # fmt: skip
    return {
        "schema": locked.SCHEMA, "contest": {"slug": "s", "title": "t"},
        "formula": {
            "criteria": [{"key": key, "label": key, "most": "20"} for key in "ab"],
            "expert_share": draw(st.integers(0, 100)), "public_method": draw(st.sampled_from(PUBLIC_METHODS)),
            "expert_method": draw(st.sampled_from(EXPERT_METHODS)), "tie_rule": draw(st.sampled_from(TIE_RULES)),
        },
        "awards": [{"name": "一", "count": 1}, {"name": "二", "count": 2}], "entries": entries, "out": [],
    }  # fmt: skip


@given(documents(), st.randoms(use_true_random=False))
def test_the_script_and_the_portal_say_the_same_in_whatever_order(document, chance: random.Random):
    said = locked.ranked(document)
    mixed = json.loads(json.dumps(document))
    for one in mixed["entries"]:
        chance.shuffle(one["sheets"])
    chance.shuffle(mixed["entries"])
    assert locked.ranked(mixed) == said
    assert locked.digest(locked.in_order(mixed)) == locked.digest(locked.in_order(document))
    by_script = script().compute(mixed)
    assert [(one["key"], one["place"], one["final"], one["expert"], one["public"]) for one in by_script] == [
        (one.key, one.rank, one.final, one.expert, one.public) for one in said
    ]
    assert [one["award"] for one in by_script] == [locked.award_of(document, one.rank) for one in said]
    assert [script().shown(one["final"]) for one in by_script] == [shown(one.final) for one in said]


@given(documents())
def test_the_arithmetic_can_be_told_of_every_document(document):
    lines = told(document)
    assert len(lines) == len(document["entries"])
    assert all(one.final in one.words[-1] for one in lines)


def test_taking_out_what_is_not_there_is_refused():
    document = {"entries": [{"key": "a", "title": "t", "votes": 2, "removed": 0}], "out": []}
    with pytest.raises(KeyError):
        locked.without_entry(document, "b", "x")
    with pytest.raises(KeyError):
        locked.with_votes_removed(document, "b", 1)
    for number in (0, 3, -1):
        with pytest.raises(ValueError, match=str(number)):
            locked.with_votes_removed(document, "a", number)
    assert locked.with_votes_removed(document, "a", 2)["entries"][0]["votes"] == 0
    assert document["entries"][0]["votes"] == 2
