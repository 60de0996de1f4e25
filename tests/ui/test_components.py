"""Components join what belongs together, escape what they are given, and keep the policy against inline styles."""

import re

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils.html import escape

from ui.charts import bars, percent


class Form(forms.Form):
    name = forms.CharField(label="姓名", help_text="户口簿上的名字")
    way = forms.ChoiceField(
        label="怎样参加", help_text="选一个", choices=[("a", "现场"), ("b", "手机")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="备注", required=False)
    agreed = forms.BooleanField(label="同意")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def field(form: forms.Form, name: str) -> str:
    return render("{% field bound=bound %}{% endfield %}", bound=form[name])


def ids(html: str) -> set[str]:
    return set(re.findall(r' id="([^"]+)"', html))


def described_by(html: str) -> list[list[str]]:
    return [found.split() for found in re.findall(r'aria-describedby="([^"]+)"', html)]


def test_help_and_error_are_joined_to_their_control() -> None:
    html = field(Form({}), "name")

    assert described_by(html) == [["id_name_helptext", "id_name_error"]]
    assert {"id_name", "id_name_helptext", "id_name_error"} <= ids(html)
    assert '<label class="field-label" for="id_name">' in html
    assert 'aria-invalid="true"' in html


def test_no_id_is_promised_that_is_not_there() -> None:
    for name in ("name", "way", "note", "agreed"):
        for form in (Form(), Form({})):
            html = field(form, name)
            for named in described_by(html):
                assert set(named) <= ids(html)


def test_several_choices_are_a_group_with_a_legend() -> None:
    html = field(Form({}), "way")

    assert html.count("<fieldset") == 1
    assert "<legend" in html
    assert '<fieldset class="field field--wrong" aria-describedby="id_way_helptext id_way_error">' in html


def test_optional_fields_say_so_and_hidden_ones_show_nothing() -> None:
    assert "可不填" in field(Form(), "note")
    assert "可不填" not in field(Form(), "name")
    assert "label" not in field(Form(), "token")


def test_a_misspelt_argument_is_an_error() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% card titel='x' %}{% endcard %}")
    with pytest.raises(TemplateSyntaxError):
        Template("{% notice 'danger' %}{% endnotice %}")


def test_words_from_outside_are_escaped() -> None:
    evil = "<script>alert(1)</script>"
    for source in (
        "{% card title=evil %}{{ evil }}{% endcard %}",
        "{% panel title=evil %}{{ evil }}{% endpanel %}",
        "{% section title=evil %}{{ evil }}{% endsection %}",
        "{% notice title=evil %}{{ evil }}{% endnotice %}",
        "{% icon 'check' label=evil %}",
        "{% qr_svg 'https://example.org/' title=evil %}",
        "{% include 'components/button.html' with label=evil href=evil only %}",
    ):
        html = render(source, evil=evil)
        assert "<script" not in html, source
        assert escape("<script>") in html, source


def test_drawings_carry_no_style_attribute() -> None:
    html = render(
        "{% icon 'house' %}{% qr_svg 'https://example.org/v/1/' title='扫码' %}"
        "{% include 'components/meter.html' with present=3 required=2 entitled=4 only %}"
        "{% include 'components/tally_bars.html' with for_count=1 against_count=2 abstain_count=0 base=3 only %}"
        "{% include 'components/result.html' with kind='carried' title='通过' only %}"
    )

    assert "style=" not in html
    assert "<title>扫码</title>" in html


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 10, 0), (1, 1000, 1), (1, 3, 33), (157, 312, 50), (10, 10, 100), (12, 10, 100), (3, 0, 0), (-1, 5, 0)],
)
def test_percent_stays_within_the_bar(part: int, whole: int, expected: int) -> None:
    assert percent(part, whole) == expected


def test_bars_are_shares_of_all_votes_unless_told_otherwise() -> None:
    labels = {"A": "甲", "B": "乙"}

    assert [bar.percent for bar in bars({"A": 3, "B": 1}, labels)] == [75, 25]
    assert [bar.percent for bar in bars({"A": 3, "B": 1}, labels, base=12)] == [25, 8]
    assert [bar.percent for bar in bars({"A": 0, "B": 0}, labels)] == [0, 0]
