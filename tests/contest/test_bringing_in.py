"""A whole past contest from its file: all or nothing, every fault by its place, and only with the ranking it states."""

from __future__ import annotations

import copy
import io
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from contest.bringing_in import CannotBringIn, bring_in, common_region
from contest.models import (
    Contest,
    ContestPage,
    CountedVotes,
    Entry,
    EntryCheck,
    Judge,
    Objection,
    Result,
    Score,
    Stage,
)  # fmt: skip
from contest.past_file import faults_in
from contest.ranking import shown
from tests.factories.residents import make_region, make_village
from tests.factories.rules_in_force import put_in_force

pytestmark = pytest.mark.django_db
DEMO = Path(__file__).parents[2] / "home" / "demo" / "contest.yaml"


@pytest.fixture(scope="module")
def read_once():
    return yaml.safe_load(DEMO.read_text(encoding="utf-8"))


@pytest.fixture
def document(read_once):
    return copy.deepcopy(read_once)


@pytest.fixture
def villages(document):
    """Those of the file, in two counties of one city, with their rules."""
    city = make_region("prefecture")
    counties = [make_region("county", city), make_region("county", city)]
    rules = {(row["village"], row["rules"]) for row in document["entries"]}
    found = {}
    for number, slug in enumerate(sorted({village for village, _rules in rules})):
        found[slug] = make_village(slug=slug, region=make_region("township", counties[number % 2]))
    for village, slug in sorted((village, slug) for village, slug in rules if slug):
        put_in_force(found[village], "不乱倒垃圾。", slug=slug)
    return city


def test_the_demos_contest_comes_in_whole_with_the_ranking_it_states(document, villages):
    contest, made = bring_in(document)
    assert made
    assert contest.region == villages
    assert (contest.state, contest.expert_share, contest.picks_min, contest.picks_max) == ("published", 60, 3, 5)
    assert contest.entries.count() == 10
    assert Score.objects.filter(assignment__judge__contest=contest).count() == 8 * 5 * 5
    stated = {row["id"]: row["result"] for row in document["entries"] if "result" in row}
    results = {one.entry.key: one for one in Result.objects.filter(ranking__contest=contest)}
    assert results.keys() == stated.keys()
    for key, told in stated.items():
        one = results[key]
        assert shown(Fraction(one.final)) == f"{told['final_score']:.2f}"
        assert (one.place, one.award.name) == (told["rank"], told["award"])
    votes = CountedVotes.objects.get(entry__contest=contest, entry__key="e04")
    assert (votes.raw, votes.removed, votes.valid) == (6650, 410, 6240)
    back = Entry.objects.get(contest=contest, key="e02").checks.first()
    assert (back.result, back.region.level) == (EntryCheck.Result.RETURNED, "township")
    frozen = Entry.objects.get(contest=contest, key="e01")
    assert "不乱倒垃圾" in frozen.frozen_text
    assert len(frozen.frozen_hash) == 64
    draft = Entry.objects.get(contest=contest, key="e10")
    assert (draft.state, draft.submitted_at, draft.frozen_text) == ("draft", None, "")
    objection = Objection.objects.get(contest=contest)
    assert (objection.state, objection.entry.key) == ("dismissed", "e04")
    stage = Stage.objects.get(contest=contest, key="public_vote")
    assert contest.local(stage.closes_at).strftime("%m-%d %H:%M:%S") == "09-28 00:00:00"
    assert ContestPage.objects.get(contest=contest).live


def test_once_more_changes_nothing(document, villages):
    first, _made = bring_in(document)
    document["contest"]["title"] = "改了名字"
    again, made = bring_in(document)
    assert (again, made) == (first, False)
    again.refresh_from_db()
    assert again.title != "改了名字"
    assert Entry.objects.count() == 10


WRONG = [
    (lambda d: d.update(schema="contest/9"), "schema"),
    (lambda d: d.update(jury=1), "jury"),
    (lambda d: d["contest"].update(weights={"expert": 60, "public": 41}), "contest.weights"),
    (lambda d: d["contest"].update(public_score_method="best"), "contest.public_score_method"),
    (lambda d: d["contest"].update(status="over"), "contest.status"),
    (lambda d: d["contest"]["stages"][1].update(closes="明天"), "contest.stages[2]"),
    (lambda d: d["contest"]["stages"][1].update(key="party"), "contest.stages[2].key"),
    (lambda d: d["contest"].update(stages=[1, 2]), "contest.stages"),
    (lambda d: d["contest"]["criteria"][0].update(max=0), "contest.criteria[1].max"),
    (lambda d: d["contest"]["judges"].append("陆文斌"), "contest.judges"),
    (lambda d: d["entries"][1].update(id="e01"), "entries[2]（e01）"),
    (lambda d: d["entries"][0].update(village="nowhere"), "entries[1]（e01）.village"),
    (lambda d: d["entries"][0].update(rules="nothing"), "entries[1]（e01）.rules"),
    (lambda d: d["entries"][0].update(score=[]), "entries[1]（e01）.score"),
    (lambda d: d["entries"][0].update(scores=7), "entries[1]（e01）.scores"),
    (lambda d: d["entries"][0].update(scores=[]), "entries[1]（e01）"),
    (lambda d: d["entries"][0]["scores"][2].update(effect=31), "entries[1]（e01）.scores[3]（范素芬）.effect"),
    (lambda d: d["entries"][0]["scores"][2].update(effect=22.3), "entries[1]（e01）.scores[3]（范素芬）.effect"),
    (lambda d: d["entries"][0]["scores"][2].update(total=83), "entries[1]（e01）.scores[3]（范素芬）.total"),
    (lambda d: d["entries"][0]["scores"][2].update(judge="别人"), "entries[1]（e01）.scores[3]（别人）"),
    (lambda d: d["entries"][0]["scores"][2].update(judge="黎思源"), "entries[1]（e01）.scores[3]（黎思源）"),
    (lambda d: d["entries"][0]["votes"].update(valid=3121), "entries[1]（e01）.votes"),
    (lambda d: d["entries"][0].update(votes=-1), "entries[1]（e01）.votes"),
    (lambda d: d["entries"][8]["review"][0].update(note=""), "entries[9]（e09）.review[1]"),
    (lambda d: d["entries"][0]["result"].update(final_score=70.21), "entries[1]（e01）.result.final_score"),
    (lambda d: d["entries"][0]["result"].update(rank=3), "entries[1]（e01）.result.rank"),
    (lambda d: d["entries"][0]["result"].update(award="优秀村规"), "entries[1]（e01）.result.award"),
    (lambda d: d["entries"][0].update(title="长" * 121), "entries[1]（e01）"),
    (lambda d: d["objections"][0].update(entry="e99"), "objections[1].entry"),
]


@pytest.mark.parametrize(("spoil", "where"), WRONG, ids=[where for _spoil, where in WRONG])
def test_one_fault_refuses_all_of_it_and_is_named_by_its_place(spoil, where, document, villages):
    spoil(document)
    with pytest.raises(CannotBringIn) as refused:
        bring_in(document)
    assert where in [one.where for one in refused.value.faults]
    assert not Contest.objects.exists()
    assert not Judge.objects.exists()


def test_every_fault_is_told_at_once(document):
    document["entries"][0]["scores"][0]["effect"] = 99
    document["entries"][3]["votes"]["raw"] = 1
    document["entries"][5]["status"] = "won"
    assert len(faults_in(document)) >= 3


def test_the_demos_file_has_no_fault(document):
    assert faults_in(document) == []


@pytest.mark.parametrize("odd", [None, [], "contest", {"schema": "contest/1"}, {"schema": "contest/1", "contest": 5}])
def test_what_is_no_contest_at_all_is_said_to_be_none(odd):
    assert faults_in(odd)


def test_votes_may_be_one_number(document, villages):
    for row in document["entries"]:
        if "votes" in row:
            row["votes"] = row["votes"]["valid"]
    bring_in(document)
    votes = CountedVotes.objects.get(entry__key="e04")
    assert (votes.raw, votes.removed, votes.valid) == (6240, 0, 6240)


def test_the_command_checks_without_keeping_and_keeps_once(document, villages, tmp_path):
    file = tmp_path / "past.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    def run(*more: str) -> str:
        out = io.StringIO()
        call_command("import_contest", str(file), *more, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    assert "没有保存" in run("--dry-run")
    assert not Contest.objects.exists()
    assert "带进来了" in run()
    assert "没有改动" in run()
    assert Contest.objects.count() == 1


def test_the_command_names_every_fault(document, villages, tmp_path):
    document["entries"][0]["votes"]["valid"] = 1
    document["entries"][1]["scores"][0]["total"] = 1
    file, said = tmp_path / "past.yaml", io.StringIO()
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(CommandError, match="2 处"):
        call_command("import_contest", str(file), stderr=said)
    assert "收到 3152 票" in said.getvalue()
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="读不懂"):
        call_command("import_contest", str(file))
    with pytest.raises(CommandError, match="打不开"):
        call_command("import_contest", str(tmp_path / "none.yaml"))


def test_it_is_run_by_the_smallest_region_that_holds_all_its_villages():
    city = make_region("prefecture", code="4399")
    county = make_region("county", city, code="439921")
    other = make_region("county", city, code="439901")
    town = make_region("township", county, code="439921101")
    one, two = make_village(region=town), make_village(region=make_region("township", county, code="439921102"))
    three = make_village(region=make_region("township", other, code="439901101"))
    assert common_region([one]) == town
    assert common_region([one, two]) == county
    assert common_region([one, two, three]) == city
    assert common_region([one, make_village()]) is None
    assert common_region([]) is None
