"""The layout of GB/T 9704-2012 as a word processor sets it: where LibreOffice and poppler are found, on their pages."""

import re
import shutil
import subprocess

import pytest

from tests.ui.test_official_paper import made

MISSING = [name for name in ("soffice", "pdftotext", "pdfinfo") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)}"),
]
MM = 72 / 25.4


def rendered(folder, write):
    """The .pdf that LibreOffice makes of a paper."""
    source = folder / "paper.docx"
    source.write_bytes(made(write))
    home = f"-env:UserInstallation=file://{folder}/office"
    order = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)]
    subprocess.run(order, check=True, capture_output=True, timeout=120)
    return folder / "paper.pdf"


def told(*order):
    return subprocess.run([*map(str, order)], check=True, capture_output=True, timeout=60).stdout.decode()


def lines_of(pdf, page):
    text = told("pdftotext", "-f", page, "-l", page, "-layout", pdf, "-")
    return [re.sub(r"\s", "", line) for line in text.splitlines() if line.strip()]


def test_a_full_page_is_22_lines_of_28_characters_and_a_number(tmp_path):
    pdf = rendered(tmp_path, lambda paper: paper.text("村" * (28 * 22 * 2 - 2 + 5)))
    told_of = told("pdfinfo", pdf)
    assert re.search(r"Pages:\s+3\b", told_of)
    assert "(A4)" in told_of
    first, second = lines_of(pdf, 1), lines_of(pdf, 2)
    assert first == ["村" * 26, *["村" * 28] * 21, "—1—"]  # the first begins two characters in
    assert second == [*["村" * 28] * 22, "—2—"]
    assert lines_of(pdf, 3) == ["村" * 5, "—3—"]


def test_the_text_stands_between_the_margins(tmp_path):
    pdf = rendered(tmp_path, lambda paper: paper.text("村" * (28 * 30)))
    page = told("pdftotext", "-f", 1, "-l", 1, "-bbox", pdf, "-")
    words = [
        [float(number) / MM for number in re.findall(r'[xy]M\w+="([\d.]+)"', line)]
        for line in page.splitlines()
        if "<word" in line and "村" in line
    ]
    assert min(word[0] for word in words) == pytest.approx(28, abs=0.5)
    assert max(word[2] for word in words) == pytest.approx(210 - 26, abs=1)
    assert 37 <= min(word[1] for word in words) <= 41
    assert max(word[3] for word in words) <= 297 - 35 + 1
