"""How alike two texts are, and that alike ones share a key: laws over made-up texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from villagerules.likeness import BANDS, digest_of, keys_of, likeness, most_alike, plain

SIGNS = "村民不得乱倒垃圾污水每周打扫一次"
texts = st.text(alphabet=SIGNS + "，。； \n", min_size=1, max_size=80)
BASE = "门前院内每周打扫一次，柴草农具码放整齐，水沟不堵，垃圾分两类投放，不往河里倒。"


@given(texts)
def test_spaces_and_punctuation_make_no_other_text(text: str) -> None:
    spaced = "， ".join(text)
    assert plain(spaced) == plain(text)
    assert keys_of(plain(spaced)) == keys_of(plain(text))


@given(texts)
def test_a_text_has_a_key_for_each_band_that_a_database_can_hold(text: str) -> None:
    keys = keys_of(plain(text))
    assert len(keys) in (0, BANDS)
    assert all(-(2**63) <= key < 2**63 for key in [*keys, digest_of(plain(text))])


@given(texts, texts)
def test_likeness_is_mutual_and_whole_only_for_the_same_words(one: str, other: str) -> None:
    one, other = plain(one), plain(other)
    assert likeness(one, other) == likeness(other, one)
    assert (likeness(one, other) == 1) == (one == other)


@given(st.integers(0, len(plain(BASE)) - 1), st.sampled_from(SIGNS))
def test_one_sign_less_or_more_still_shares_a_key(place: int, sign: str) -> None:
    base = plain(BASE)
    for changed in (base[:place] + base[place + 1 :], base[:place] + sign + base[place:]):
        assert set(keys_of(base)) & set(keys_of(changed))


def test_keys_come_out_the_same_with_every_release() -> None:
    """They lie in databases: a change of them needs all of it indexed anew."""
    assert keys_of("不赌博")[:2] == [5730629129789622682, 7855155452650870414]
    assert digest_of("不赌博") == -4690134770552565599


def test_the_most_alike_come_first_and_others_not_at_all() -> None:
    others = {1: "红事提倡不超过二十桌", 2: "红事提倡不超过十八桌", 3: "不在林边烧纸"}
    found = most_alike("红事提倡不超过二十桌", others, least=0.5, most=5)
    assert [key for key, _score in found] == [1, 2]
    assert found[0][1] == 1
