"""The message catalogues: what is extracted, what is refused, and that Wagtail speaks Chinese throughout."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import wagtail
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo

from portal import messages

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file of a small project under ``tmp_path``."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def ids(root: Path) -> set[tuple[str, object]]:
    """Return (context, msgid) of everything extracted under ``root``."""
    return {(m.context or "", m.id) for m in messages.extract_messages(root) if m.id}


def texts(root: Path) -> list[str]:
    """Return the faults found under ``root``."""
    return [str(problem) for problem in messages.check(root)]


def test_python_calls_are_extracted(tmp_path: Path, write: Write) -> None:
    write(
        "home/models.py",
        "from django.utils.translation import gettext_lazy as _, ngettext, pgettext\n"
        'NAME = _("村庄")\n'
        "TEXT = _(\n    '第一行'\n    '第二行'\n)\n"
        'COUNT = ngettext("%(n)s 人", "%(n)s 人到场", 2) % {"n": 2}\n'
        'MAY = pgettext("月份", "五月")\n'
        'DONE = _("完成 100%，共 %s 项")\n',
    )
    assert ids(tmp_path) == {
        ("", "村庄"),
        ("", "第一行第二行"),
        ("", ("%(n)s 人", "%(n)s 人到场")),
        ("月份", "五月"),
        ("", "完成 100%，共 %s 项"),
    }


def test_templates_are_extracted_as_django_looks_them_up(tmp_path: Path, write: Write) -> None:
    write(
        "templates/a.html",
        "{% load i18n %}\n"
        "      <p title=\"it's {{ x }}\">{% translate '通知' %}</p>\n"
        "    {# Translators: shown on the hall's screen #}\n"
        '  <b>{% translate "到场 50%" context "大屏" %}</b>\n'
        "{% blocktranslate trimmed with name=village.name %}\n"
        "      欢迎来到\n      {{ name }}，今天 100% 到场\n"
        "{% endblocktranslate %}\n"
        "{% blocktranslate count n=votes|length %}{{ n }} 票{% plural %}{{ n }} 票了{% endblocktranslate %}\n"
        "{% blocktranslate %}\n 不修剪\n{% endblocktranslate %}\n"
        '{% include "b.html" with title=_("标题") %}{{ word|default:_("无") }}\n',
    )
    write("ui/templates/ui/b.txt", "{% translate '邮件' %}")
    assert ids(tmp_path) == {
        ("", "通知"),
        ("大屏", "到场 50%%"),
        ("", "欢迎来到 %(name)s，今天 100%% 到场"),
        ("", ("%(n)s 票", "%(n)s 票了")),
        ("", "\n 不修剪\n"),
        ("", "标题"),
        ("", "无"),
        ("", "邮件"),
    }
    catalog = messages.extract_messages(tmp_path)
    screen = catalog.get("到场 50%%", "大屏")
    assert screen is not None
    assert screen.auto_comments == ["Translators: shown on the hall's screen"]
    assert [name for name, _line in screen.locations] == ["templates/a.html"]


def test_a_template_that_cannot_be_read_is_named(tmp_path: Path, write: Write) -> None:
    write("templates/bad.html", "{% blocktranslate %}{% if x %}好{% endif %}{% endblocktranslate %}")
    with pytest.raises(messages.MessagesError, match=r"templates/bad\.html"):
        messages.extract_messages(tmp_path)


def test_update_keeps_translations_and_is_then_in_order(tmp_path: Path, write: Write) -> None:
    source = write("home/models.py", 'A = _("村庄")\nB = _("%(n)s 户")\nC = _("旧词")\nD = _("PDF")\n')
    first = messages.update(tmp_path)
    assert (first.messages, first.new, first.untranslated) == (3, 3, 3)
    po = messages.english(tmp_path)
    said = po.read_text(encoding="utf-8")
    for word, english in (("村庄", "Village"), ("%(n)s 户", "%(n)s households"), ("旧词", "Old word")):
        said = said.replace(f'msgid "{word}"\nmsgstr ""', f'msgid "{word}"\nmsgstr "{english}"')
    po.write_text(said, encoding="utf-8")
    source.write_text('A = _("村庄")\nB = _("%(n)s 户")\n', encoding="utf-8")
    second = messages.update(tmp_path)
    assert (second.messages, second.dropped, second.untranslated) == (2, 1, 0)
    assert messages.check(tmp_path) == []
    assert messages.update(tmp_path).written == ()
    assert "旧词" not in po.read_text(encoding="utf-8")
    compiled = read_mo(io.BytesIO(po.with_suffix(".mo").read_bytes()))
    assert compiled["村庄"].string == "Village"


def test_moving_a_message_within_its_file_changes_nothing(tmp_path: Path, write: Write) -> None:
    source = write("home/models.py", 'A = _("甲")\nB = _("乙")\n')
    messages.update(tmp_path)
    before = messages.english(tmp_path).read_bytes()
    source.write_text('\n\nB = _("乙")\n\nA = _("甲")\n', encoding="utf-8")
    assert messages.update(tmp_path).written == ()
    assert messages.english(tmp_path).read_bytes() == before


def test_check_finds_each_kind_of_fault_and_writes_nothing(tmp_path: Path, write: Write) -> None:
    source = write("home/models.py", 'A = _("甲")\nB = _("%(n)s 户")\n')
    messages.update(tmp_path)
    po = messages.english(tmp_path)
    assert any("not translated: '甲'" in text for text in texts(tmp_path))
    said = po.read_text(encoding="utf-8").replace('msgid "甲"\nmsgstr ""', 'msgid "甲"\nmsgstr "A"')
    po.write_text(
        said.replace('msgid "%(n)s 户"\nmsgstr ""', 'msgid "%(n)s 户"\nmsgstr "%(m)s households"'), encoding="utf-8"
    )
    source.write_text('A = _("甲")\nB = _("%(n)s 户")\nC = _("丙")\n', encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    found = "\n".join(texts(tmp_path))
    assert "placeholders differ (%(m)s, %(n)s)" in found
    assert "not in the catalogue: '丙'" in found
    assert "django.mo: isn't what its .po compiles to" in found
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_damaged_compiled_catalogue_is_found_and_mended(tmp_path: Path, write: Write) -> None:
    write("home/models.py", 'A = _("甲")\n')
    messages.update(tmp_path)
    compiled = messages.english(tmp_path).with_suffix(".mo")
    compiled.write_bytes(b"\xde\x12")
    assert any("compiles to" in text for text in texts(tmp_path))
    assert messages.update(tmp_path).written == ("locale/en/LC_MESSAGES/django.mo",)


@pytest.mark.parametrize(
    ("msgid", "string", "fault"),
    [
        ("{name} 到场", "{name} is present", None),
        ("{name} 到场", "{nom} is present", "placeholders"),
        ("%s 到场", "present: %d", "placeholders"),
        ("到场 100%% 的户", "100%% present", None),
        ("到场 100%% 的户", "100% present", "percent sign"),
        ("到场 100% 的户", "100% present", None),
        (("%(n)s 票", "%(n)s 票"), ("one vote", "%(n)s votes"), None),
        (("%(n)s 票", "%(n)s 票"), ("one vote", "votes"), "placeholders"),
        (("%(n)s 票", "%(n)s 票"), ("one vote", ""), "not translated"),
    ],
)
def test_faults_of_one_translation(
    msgid: str | tuple[str, str], string: str | tuple[str, str], fault: str | None
) -> None:
    faults = messages.message_faults(Message(msgid, string))
    assert (fault is None and not faults) or (fault is not None and len(faults) == 1 and fault in faults[0])


def test_a_message_that_becomes_plural_is_kept_for_review() -> None:
    extracted, old = Catalog(), Catalog(locale="en")
    extracted.add(("%(n)s 票", "%(n)s 票"), locations=[("a.py", 1)])
    old.add("%(n)s 票", "%(n)s votes")
    merged = messages.merge(extracted, old, "en")["%(n)s 票"]
    assert merged.fuzzy
    assert merged.string == ("%(n)s votes", "%(n)s votes")


def test_hardcoded_chinese_in_python_is_found() -> None:
    source = (
        '"""文档说明"""\n'
        "# 注释\n"
        "class A:\n"
        '    """说明"""\n'
        '    name = _("名称")\n'
        '    label = "标签"\n'
        '    text = gettext(f"有{1}个")\n'
        '    word = _("你好") + f"{label}先生"\n'
        '    han = re.compile("[\\u4e00-\\u9fff]")\n'
        '    code = "甲"  # untranslated: printed on the seal\n'
        "    HEADINGS = {  # untranslated: the county's own spreadsheet\n"
        '        "姓名": "name",\n'
        "    }\n"
        '    last = "乙"\n'
        '    """属性说明"""\n'
    )
    assert {line for line, _text in messages.hardcoded_python(source)} == {6, 7, 8, 14}


def test_hardcoded_chinese_in_templates_is_found() -> None:
    source = (
        "{# 注释 #}{% comment %}说明\n{{ x }}说明{% endcomment %}\n"
        "<!-- 注释 {{ y }}\n 还是注释 -->\n"
        "{% translate '通知' %}{% blocktranslate with n=x %}共 {{ n }} 人{% endblocktranslate %}\n"
        '{{ x|default:_("无") }}{% include "a.html" with t=_("标题") %}\n'
        "<p>漏了</p>\n"
        '{{ x|default:"无" }}\n'
        '{% button "提交" %}\n'
    )
    assert [line for line, _text in messages.hardcoded_template(source)] == [7, 8, 9]


def test_planted_chinese_fails_the_check_unless_exempt(tmp_path: Path, write: Write) -> None:
    write("home/views.py", 'TITLE = "欢迎"\n')
    write("home/demo/content.py", 'TITLE = "欢迎"\n')
    write("home/migrations/0001_initial.py", 'TITLE = "欢迎"\n')
    write("ui/templates/ui/a.html", "<h1>欢迎</h1>")
    planted = [text for text in texts(tmp_path) if "Chinese outside translation" in text]
    assert planted == [
        "home/views.py:1: Chinese outside translation: '欢迎'",
        "ui/templates/ui/a.html:1: Chinese outside translation: '<h1>欢迎</h1>'",
    ]


def translated(path: Path) -> set[tuple[str, str]]:
    """Return (context, msgid) of everything the catalogue at ``path``, .po or .mo, translates without doubt."""
    catalog = read_mo(io.BytesIO(path.read_bytes())) if path.suffix == ".mo" else messages.read_catalogue(path)
    return {
        # Babel reads the context from a .mo as bytes.
        (
            m.context.decode() if isinstance(m.context, bytes) else m.context or "",
            m.id if isinstance(m.id, str) else m.id[0],
        )
        for m in catalog
        if m.id and not m.fuzzy and m.string and all([m.string] if isinstance(m.string, str) else m.string)
    }


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_wagtail_is_chinese_throughout(domain: str) -> None:
    folder = Path(wagtail.__file__).parent
    wanted: dict[tuple[str, str], str] = {}
    known = translated(messages.ROOT / "locale/zh_Hans/LC_MESSAGES" / f"{domain}.po")
    for path in folder.rglob(f"locale/en/LC_MESSAGES/{domain}.po"):
        for message in messages.read_catalogue(path):
            if message.id:
                text = message.id if isinstance(message.id, str) else message.id[0]
                wanted[message.context or "", text] = path.parts[-4]
    for path in folder.rglob(f"locale/zh_Hans/LC_MESSAGES/{domain}.po"):
        known |= translated(path)
    assert wanted
    assert sorted(wanted.keys() - known) == []


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_our_chinese_catalogues_are_sound(domain: str) -> None:
    path = messages.ROOT / "locale/zh_Hans/LC_MESSAGES" / f"{domain}.po"
    catalog = messages.read_catalogue(path)
    assert catalog.num_plurals == 1
    assert [fault for message in catalog if message.id for fault in messages.message_faults(message)] == []
    assert len(translated(path)) == len(catalog)
    assert translated(path) <= translated(path.with_suffix(".mo"))


def test_our_own_words_are_found_at_once_in_chinese() -> None:
    compiled = read_mo(io.BytesIO((messages.ROOT / "locale/zh_Hans/LC_MESSAGES/django.mo").read_bytes()))
    own = [message for message in messages.read_catalogue(messages.english(messages.ROOT)) if message.id]
    single = [message for message in own if not message.pluralizable]
    assert len(single) > 1000
    assert [m.id for m in single if (found := compiled.get(m.id, m.context)) is None or not found.string] == []
