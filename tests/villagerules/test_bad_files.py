"""Files that are no rules, or mean harm: refused with a sentence that says what to do."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from villagerules.errors import FileRefused
from villagerules.sources import read_source
from villagerules.word import read_word

from .word_files import made, picture, rezipped, typed

GOOD = typed("某村村规民约", "第一条 不赌博。")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def _part(name: str, content: bytes) -> bytes:
    return rezipped(GOOD, lambda parts: parts.update({name: content}))


def _replaced(name: str, old: bytes, new: bytes) -> bytes:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)

    return rezipped(GOOD, change)


ENTITIES = (
    b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
EXTERNAL = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
MACROS = (b"wordprocessingml.document.main+xml", b"document.macroEnabled.main+xml")


def _archive_in_disguise() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr("notes.txt", "a" * 100)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        ("村规.doc", OLE, "bad_type", "另存为"),
        ("村规.wps", OLE, "bad_type", "另存为"),
        ("村规.docx", OLE, "bad_type", "另存为"),
        ("村规.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "refused_file", "密码"),
        ("村规.docm", GOOD, "refused_file", "宏"),
        ("村规.docx", _part("word/vbaProject.bin", b"x"), "refused_file", "宏"),
        ("村规.docx", _replaced("[Content_Types].xml", *MACROS), "refused_file", "宏"),
        ("村规.docx", _part("word/embeddings/x.zip", b"x"), "refused_file", "宏"),
        ("村规.docx", _part("word/embeddings/x.bin", GOOD), "refused_file", "宏"),
        ("村规.docx", _part("word/media/bomb.bin", b"0" * (11 * 1024 * 1024)), "refused_file", "太多"),
        ("村规.docx", _archive_in_disguise(), "refused_file", "打不开"),
        ("村规.docx", b"no archive at all", "refused_file", "打不开"),
        ("村规.docx", GOOD[: len(GOOD) // 2], "refused_file", "打不开"),
        ("村规.docx", b"", "refused_file", "打不开"),
        ("村规.docx", _part("word/document.xml", b"<not xml"), "refused_file", "打不开"),
        ("村规.docx", _part("word/document.xml", b"<a/>"), "refused_file", "打不开"),
        ("村规.docx", _part("word/document.xml", ENTITIES + b"<w>&c;</w>"), "refused_file", "宏"),
        ("村规.docx", _part("word/styles.xml", EXTERNAL + b"<w>&x;</w>"), "refused_file", "宏"),
        ("村规.docx", _part("word/numbering.xml", ENTITIES.decode().encode("utf-16") + b"<"), "refused_file", "宏"),
        ("村规.pdf", b"%PDF-1.4", "bad_type", "粘贴"),
        ("村规", GOOD, "bad_type", "粘贴"),
        ("村规.txt", b"\xff\xfe\x00\x81\xff", "refused_file", "粘贴"),
        ("村规.txt", ("甲" * 200_001).encode(), "too_large", "20 万字"),
        ("村规.docx", typed("甲" * 200_001), "too_large", "20 万字"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_files_are_refused(name: str, content: bytes, code: str, says: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_source(name, content)
    assert refused.value.code == code
    assert says in refused.value.message


def test_too_large_a_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("villagerules.word.LARGEST_BYTES", len(GOOD) - 1)
    with pytest.raises(FileRefused) as refused:
        read_word("村规.docx", GOOD)
    assert refused.value.code == "too_large"


def test_ten_megabytes_of_pictures_are_no_hindrance() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("某村村规民约")
        for number in range(3):
            document.add_picture(picture(1300, number))
        document.add_paragraph("第一条 不赌博。")

    content = made(build)
    assert len(content) > 9 * 1024 * 1024
    reading, _text = read_source("村规.docx", content)
    assert [one.text for one in reading.rules.articles] == ["不赌博。"]
    assert [(one.code, one.values) for one in reading.remarks] == [("pictures", {"count": 3})]


def test_more_xml_than_a_paper_has_is_not_made_into_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("villagerules.word.MAX_XML", 1000)
    monkeypatch.setattr("villagerules.word.docx.Document", lambda _file: pytest.fail("made a tree of it"))
    with pytest.raises(FileRefused, match="太多"):
        read_word("村规.docx", GOOD)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_files_of_old_and_new_machines(encoding: str) -> None:
    content = "某村村规民约\r\n第一条　不赌博。\u200b\r\n第二条　孝敬老人。".encode(encoding)
    reading, text = read_source("村规.txt", content)
    assert [one.text for one in reading.rules.articles] == ["不赌博。", "孝敬老人。"]
    assert text.split("\n")[1] == "第一条　不赌博。"


@pytest.mark.parametrize(
    "text",
    ["第条 甲\n第章\n（）\n、\n【】", "第零条 甲", "第99999条 甲", "\0\ud800", "。" * 3000, "\n" * 50_000 + "一、"],
)
def test_odd_texts_make_no_error(text: str) -> None:
    from villagerules.reading import read_rules

    read_rules(text)
