import datetime

import pytest

from residents.models import Resident, Village
from residents.names import pinyin_keys
from tests.factories.residents import make_region, make_resident, make_village


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("听泉坳村", ("tingquanaocun", "tqac")),
        ("王建国", ("wangjianguo", "wjg")),
        ("欧阳 慧", ("ouyanghui", "oyh")),
        ("阿依古丽·买买提", ("ayiguli·maimaiti", "aygl·mmt")),
        ("Li 雷", ("lilei", "lil")),
        ("", ("", "")),
    ],
)
def test_names_are_found_by_how_they_sound(name, keys):
    assert pinyin_keys(name) == keys


def test_the_keys_fit_their_columns_however_long_the_name():
    full, first = pinyin_keys("庄" * 300)
    assert (len(full), len(first)) == (200, 40)


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["王建国", "建国", "王 建国", "wjg", "WJG", "wangjian", " wang jian guo ", "国伢子"])
def test_a_resident_answers_to_name_nickname_and_sound(words):
    village = make_village()
    person = make_resident(village, name="王建国", nickname="国伢子")
    make_resident(village, name="李小满")
    assert list(Resident.objects.of(village).named_like(words)) == [person]


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["", "   ", "x", "jianguo", "%", "_", "王_国"])
def test_nobody_answers_to_what_is_no_name(words):
    village = make_village()
    make_resident(village, name="王建国", born_on=datetime.date(1960, 1, 1))
    assert list(Resident.objects.of(village).named_like(words)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["听泉", "tqac", "tingquan", "石板溪镇", "青溪县"])
def test_a_village_answers_to_its_own_its_towns_and_its_countys_name(words):
    county = make_region("county", name="青溪县")
    village = make_village(name="听泉坳村", region=make_region(parent=county, name="石板溪镇"))
    make_village(name="大枫村")
    assert list(Village.objects.named_like(words)) == [village]
