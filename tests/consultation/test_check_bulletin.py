"""The script that anybody runs at home: honest bulletins pass, every altered one is caught, nothing makes it fall."""

from __future__ import annotations

import ast
import hashlib
import itertools
import subprocess
import sys
from collections import Counter

import pytest

from consultation import checker
from consultation.bulletin_text import board_code, canonical, code_number, merkle_root, slip_key
from consultation.options import form_of, keyed
from consultation.quorum import Share
from consultation.tally import CountError, Tally, decide_options
from tests.factories.altered_bulletins import Case, altered
from tests.factories.bulletins import chain_text, honest, make_body, make_chain, rooted, text_of

script = checker._script()

# Certificate Transparency's reference tree: eight leaves and the root over the first n of them (RFC 6962 2.1;
# google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc).
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def run(path, *options):
    """Exit code and lines, in this process: the same `main` that a shell starts."""
    return script.main([str(path), *options])


def save(folder, name, content):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_known_roots():
    assert merkle_root([]) == hashlib.sha256(b"").hexdigest()
    for number, root in enumerate(ROOTS, 1):
        assert merkle_root([bytes.fromhex(leaf) for leaf in LEAVES[:number]]) == root


def test_the_same_value_is_the_same_text_whoever_wrote_it():
    decomposed, composed = "e\u0301", "\u00e9"
    value = {"b": (1, True, None), decomposed: [decomposed, {"x": 0}], "a": "村"}
    assert canonical(value) == '{"a":"村","b":[1,true,null],"' + composed + '":["' + composed + '",{"x":0}]}'
    for foreign in (1.5, {"deep": [object()]}):
        with pytest.raises(TypeError, match="not in a bulletin"):
            canonical(foreign)


def test_codes_are_made_as_the_page_in_the_browser_makes_them():
    """docs/bulletin.md; secret.js has the same words."""
    secret = bytes(range(16))
    assert board_code(secret) == hashlib.sha256(b"board" + secret).hexdigest()
    assert slip_key(secret) == hashlib.sha256(b"slip" + secret).hexdigest()


def test_the_scripts_tree_is_the_same():
    for marks in (0, 1, 2, 3, 5, 8, 13):
        body = make_body((marks, 0, 0), present=20)
        assert script.root_of(body) == body["root"]


@pytest.mark.parametrize("name", sorted(honest()))
def test_honest_ones_pass(name, tmp_path, capsys):
    path = save(tmp_path, name, honest()[name])
    assert run(path) == 0, capsys.readouterr().out
    assert "✗" not in capsys.readouterr().out


@pytest.mark.parametrize("case", altered(), ids=lambda case: case.what)
def test_altered_ones_are_caught(case: Case, tmp_path, capsys):
    code = run(save(tmp_path, case.name, case.content), "--root", case.root)
    said = capsys.readouterr()
    assert code in (1, 2)
    assert "✗" in said.out
    assert said.err == ""


def test_most_are_caught_without_a_root_written_down():
    """Whoever takes the root anew is caught by the sums unless the whole story is invented."""
    needed = set()
    for case in altered():
        many = case.name.endswith("jsonl")
        try:
            caught = not all(line[0] for line in script.report(case.content, many))
        except (ValueError, RecursionError):
            caught = True
        if not caught:
            needed.add(case.what.removesuffix(", root anew"))
    assert needed == {
        "move_a_choice", "another_code", "other_previous", "change_number", "change_motion", "other_closed_at",
        "other_reason", "the_words_and_their_hash", "the_village", "the_meeting", "chain: the last missing",
        "chain: the last made anew", "flip_a_choice_and_its_total",
    }  # fmt: skip


def test_between_options_the_script_comes_to_what_the_rule_comes_to():
    """Over every small tally; consultation/tally.py states the rule."""
    for votes in itertools.product(range(5), repeat=4):
        counts = dict(zip("ABCD", votes, strict=True)) | {"abstain": 0}
        for most, several, again, present in itertools.product((1, 2), (False, True), (False, True), (7, 12)):
            if (most > 1 and not several) or sum(votes) > 12:
                continue
            form = form_of("multi_choice" if several else "choice", keyed("ABCD"), most)
            voters = present if several else min(sum(votes), present)
            try:
                ruled = decide_options(
                    tally=Tally(counts), form=form, voters=voters, entitled=12, present=present,
                    quorum=Share(">", 1, 2), threshold=Share(">=", 1, 3), threshold_of="present", in_runoff=again,
                )  # fmt: skip
            except CountError:
                continue
            outcome, winners, among = script.outcome_of(counts, most, True, several, again, ruled.needed)
            assert (ruled.outcome, ruled.winner, ruled.going_on) == (outcome, "".join(winners), "".join(among)), counts


def test_of_a_ranking_the_script_comes_to_what_the_rule_comes_to():
    form = form_of("ranked", keyed("ABC"), 3)
    rankings = ["".join(order) for length in (1, 2, 3) for order in itertools.permutations("ABC", length)]
    for ballots in itertools.combinations_with_replacement([*rankings, "abstain"], 3):
        counts = dict.fromkeys(form.choices, 0) | form.spread(Counter(ballots))
        ruled = decide_options(
            tally=Tally(counts), form=form, voters=3, entitled=3, present=3, quorum=Share(">", 1, 2),
            threshold=Share(">=", 1, 3), threshold_of="present",
        )  # fmt: skip
        assert script.summed(counts, 3) == form.scores(counts)
        assert script.possible(counts, 3, 3)
        outcome, winners, among = script.outcome_of(form.scores(counts), 3, True, False, False, ruled.needed)
        assert (ruled.outcome, ruled.winner, ruled.going_on) == (outcome, "".join(winners), "".join(among)), ballots


def test_the_root_is_compared_as_people_write_it(tmp_path, capsys):
    body = make_body()
    path = save(tmp_path, "one.json", text_of(body))
    root = body["root"]
    for written in (root, root.upper(), " ".join(root[at : at + 4] for at in range(0, 64, 4)), root[:16]):
        assert run(path, "--root", written) == 0
        assert run(path, "--root", *written.split()) == 0
    assert run(path, "--root", f"http://192.168.1.20:8000/v/laozhafang/bulletins/1/#{root}") == 0
    capsys.readouterr()
    for wrong in (root[:15], "0" * 64, "总码"):
        assert run(path, "--root", wrong) == 1
        assert "不一样" in capsys.readouterr().out


def test_a_number_is_found_however_it_is_typed(tmp_path, capsys):
    body = make_body((30, 5, 5))
    path = save(tmp_path, "one.json", text_of(body))
    numbers = sorted(code_number(code) for code in body["codes"])
    digits = numbers[7].replace(" ", "")
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
    for typed in (numbers[7], digits, wide, f"{digits[:6]}-{digits[6:]}"):
        assert run(path, "--code", typed) == 0
        assert "在，第 8 行" in capsys.readouterr().out
    assert run(path, "--code", *numbers[7].split()) == 0
    for wrong in ("000000000000", "12", "不知道"):
        capsys.readouterr()
        assert run(path, "--code", wrong) == 1
        assert "不在" in capsys.readouterr().out


def test_a_number_is_found_in_a_whole_chain(tmp_path, capsys):
    bodies = make_chain(3)
    path = save(tmp_path, "bulletins.jsonl", chain_text(bodies))
    assert run(path, "--code", code_number(bodies[1]["codes"][0])) == 0
    assert run(path, "--root", bodies[-1]["root"]) == 0
    assert run(path, "--root", bodies[0]["root"]) == 1
    capsys.readouterr()


def test_words_in_a_file_cannot_speak_to_the_console(tmp_path, capsys):
    bodies = [rooted(make_body() | {"meeting": {"number": 1, "title": "会\u001b[2J\u202e议"}})]
    run(save(tmp_path, "bulletins.jsonl", chain_text(bodies)))
    assert "\u001b" not in (said := capsys.readouterr().out)
    assert "\u202e" not in said


def test_started_by_a_double_click_it_takes_the_file_beside_it(tmp_path):
    save(tmp_path, "check_bulletin.py", checker.script_text())
    body = make_body()
    save(tmp_path, "公示单.json", text_of(body))
    begin = [sys.executable, str(tmp_path / "check_bulletin.py")]
    asked = subprocess.run(begin, input=f"{code_number(body['codes'][0])}\n\n".encode(), capture_output=True, cwd="/")
    assert asked.returncode == 0, asked.stderr.decode()
    assert "在，第" in asked.stdout.decode()
    save(tmp_path, "另一份.json", "x")
    chosen = subprocess.run(begin, input="另一份.json\n\n\n".encode(), capture_output=True, cwd="/")
    assert chosen.returncode == 2
    nothing = subprocess.run(begin, stdin=subprocess.DEVNULL, capture_output=True, cwd="/")
    assert nothing.returncode == 2
    assert nothing.stderr == b""


def test_files_that_are_not_there_are_named_plainly(tmp_path, capsys):
    for path in (tmp_path / "none.json", tmp_path):
        assert run(path) == 2
        assert "读不了" in capsys.readouterr().out


def test_it_is_short_old_and_on_its_own():
    source = checker.script_text().decode()
    assert source.count("\n") <= 250
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= set(sys.stdlib_module_names)
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--target-version", "py38", "--select", "F,E9", "-"]
    assert subprocess.run(ruff, input=checker.script_text(), capture_output=True).returncode == 0
