"""Photos sent in: what is taken, what is left of it, and who may look."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from consultation import paper, pictures, sheets, voting
from consultation.errors import PhotoRefused
from consultation.models import Mark, Photo, Proxy, Sheet
from residents.models import Claim, Village
from tests.factories.consultation import make_hall, open_vote
from tests.factories.residents import make_account, make_resident, make_user, make_village

pytestmark = pytest.mark.django_db

SECRET = b"GPS 27.7N 109.1E HUAWEI-Mate"


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    """The private files of this test alone."""
    monkeypatch.setattr(Photo._meta.get_field("file"), "storage", FileSystemStorage(tmp_path / "private"))
    return tmp_path / "private"


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def bytes_of(photo):
    with photo.file.open("rb") as file:
        return file.read()


def picture(kind="JPEG", size=(60, 40), *, mode="RGB", colour="red", **options):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def with_location(size=(60, 40)):
    """As a phone makes it: turned, with place, device, a comment and something hung on at the end."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter
    exif[0x010F] = "HUAWEI-Mate"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (27.0, 42.0, 0.0)
    return picture(size=size, exif=exif, comment=SECRET) + b"PK\x03\x04" + SECRET


def upload(content, name="计票单.jpg"):
    return SimpleUploadedFile(name, content)


def bomb(width, height):
    """A PNG of a few hundred bytes that says it is that large."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9000)) + chunk(b"IEND", b"")
    )


def text_bomb():
    """A PNG whose comment unpacks to 20 MB."""
    sound = picture("PNG")
    packed = b"Comment\0\0" + zlib.compress(b"a" * 20_000_000, 1)
    chunk = struct.pack(">I", len(packed)) + b"zTXt" + packed + struct.pack(">I", zlib.crc32(b"zTXt" + packed))
    return sound[:33] + chunk + sound[33:]


@pytest.mark.parametrize(
    ("kind", "name"),
    [("JPEG", "a.jpg"), ("JPEG", "A.JPEG"), ("PNG", "计票单.png"), ("WEBP", "a.b.webp")],
)
def test_photos_are_kept_as_jpegs_of_our_own(kind, name):
    photo = pictures.keep_photo(make_village(), upload(picture(kind), name), None)
    content = bytes_of(photo)
    with Image.open(io.BytesIO(content)) as kept:
        assert (kept.format, kept.size, kept.mode) == ("JPEG", (60, 40), "RGB")
    assert photo.file.name == f"photos/{pictures.token_of(photo)[:2]}/{pictures.token_of(photo)}.jpg"
    assert len(pictures.token_of(photo)) == 32


def test_place_and_device_are_gone_and_the_photo_stands_upright():
    photo = pictures.keep_photo(make_village(), upload(with_location()), None)
    content = bytes_of(photo)
    for trace in (b"HUAWEI", b"GPS", b"Exif", b"PK\x03\x04", SECRET):
        assert trace not in content
    with Image.open(io.BytesIO(content)) as kept:
        assert kept.size == (40, 60)
        assert not kept.getexif()
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_large_photos_become_smaller_and_see_through_ones_white():
    content = pictures.make_anew("a.jpg", picture(size=(4000, 1000)))
    with Image.open(io.BytesIO(content)) as kept:
        assert kept.size == (2400, 600)
    content = pictures.make_anew("a.png", picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)))
    with Image.open(io.BytesIO(content)) as kept:
        assert min(kept.getpixel((30, 20))) > 250


MOVING = {"save_all": True, "append_images": [Image.new("RGB", (60, 40), "blue")]}
HOSTILE = {
    "bomb": ("a.png", lambda: bomb(50_000, 50_000), "too_large"),
    "41 megapixels": ("a.png", lambda: bomb(6_410, 6_400), "too_large"),
    "zeros": ("a.png", lambda: bomb(0, 0), "refused_file"),
    "text bomb": ("a.png", text_bomb, "refused_file"),
    "21 MB": ("a.jpg", lambda: picture() + b"\0" * 21 * 1024 * 1024, "too_large"),
    "svg": ("a.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "bad_type"),
    "svg as jpg": ("a.jpg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bad_type"),
    "html": ("a.jpg", lambda: b"<html><script>alert(1)</script>", "bad_type"),
    "gif": ("a.gif", lambda: picture("GIF"), "bad_type"),
    "gif as png": ("a.png", lambda: picture("GIF"), "bad_type"),
    "png as jpg": ("a.jpg", lambda: picture("PNG"), "bad_type"),
    "jpg as html": ("a.html", picture, "bad_type"),
    "two endings": ("a.jpg.html", picture, "bad_type"),
    "no ending": ("jpg", picture, "bad_type"),
    "tiff": ("a.jpg", lambda: picture("TIFF"), "bad_type"),
    "empty": ("a.jpg", lambda: b"", "bad_type"),
    "three bytes": ("a.jpg", lambda: b"\xff\xd8\xff", "refused_file"),
    "truncated jpg": ("a.jpg", lambda: picture(size=(900, 900))[:3000], "refused_file"),
    "truncated png": ("a.png", lambda: picture("PNG", size=(900, 900))[:400], "refused_file"),
    "riff, no webp": ("a.webp", lambda: b"RIFF\x24\x00\x00\x00WEBPVP8 ", "refused_file"),
    "moving webp": ("a.webp", lambda: picture("WEBP", **MOVING), "refused_file"),
    "moving png": ("a.png", lambda: picture("PNG", **MOVING), "refused_file"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_with_a_sentence_and_nothing_is_kept(case, private):
    name, content, code = HOSTILE[case]
    with pytest.raises(PhotoRefused) as refused:
        pictures.keep_photo(Village(), upload(content(), name), None)
    assert refused.value.code == code
    assert "请" in str(refused.value.message)
    assert not files_in(private)


# Who may look


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def address(village, photo):
    return reverse("consultation:photo", args=[village.slug, pictures.token_of(photo)])


@pytest.fixture
def hall():
    return make_hall(6)


def test_a_sheets_photo_is_for_the_village_once_it_is_confirmed(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    photo = pictures.keep_photo(hall.village, upload(picture()), hall.recorder)
    path = address(hall.village, photo)
    sheets.enter_reading(
        motion, method="hands", reader=hall.people[0], numbers={"for": 4}, by=None, photo=photo
    )  # fmt: skip
    for user in (hall.chair, hall.recorder, hall.scrutineer):  # it would show the second person the numbers
        assert signed_in(user).get(path).status_code == 404
    sheets.enter_reading(motion, method="hands", reader=hall.people[1], numbers={"for": 4}, by=None)

    response = signed_in(make_account(hall.people[5])).get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["Content-Disposition"].startswith("inline")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-store"
    assert response.content.startswith(b"\xff\xd8\xff")
    voting.announce_result(motion, by=None)
    assert path in signed_in(hall.account(5)).get(hall.meeting.get_absolute_url()).text
    assert path not in Client().get(hall.meeting.get_absolute_url()).text
    assert Client().get(path).status_code == 302
    assert signed_in(make_user()).get(path).status_code == 404
    stranger = make_account(make_resident(make_village()))
    assert signed_in(stranger).get(path).status_code == 404
    elsewhere = reverse("consultation:photo", args=[make_village().slug, pictures.token_of(photo)])
    assert signed_in(hall.chair).get(elsewhere).status_code == 404
    assert signed_in(hall.chair).post(path).status_code == 405


@pytest.mark.parametrize(("papers", "seen"), [(9, 404), (10, 200)])
def test_a_secret_motions_few_papers_are_shown_to_those_who_counted_alone(papers, seen):
    hall = make_hall(20)
    motion = open_vote(hall, method="paper_and_online", secret=True)
    for entry in hall.entries[:papers]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    for entry in hall.entries[10:]:
        Mark.objects.create(village=hall.village, motion=motion, entry=entry)  # by phone
    motion = voting.close_motion(motion, by=None)
    for number, sent in ((0, pictures.keep_photo(hall.village, upload(picture()), None)), (1, None)):
        sheets.enter_reading(
            motion, method="paper", reader=hall.people[number], numbers={"for": papers}, by=None, photo=sent
        )
    path = address(hall.village, Photo.objects.get())
    assert signed_in(hall.account(7)).get(path).status_code == seen
    assert signed_in(hall.recorder).get(path).status_code == 200


def test_a_grants_photo_is_for_the_two_and_for_the_meetings_officers(hall, settings):
    photo = pictures.keep_photo(hall.village, upload(picture()), hall.recorder)
    grantor, holder = hall.entries[3], hall.entries[4]
    Proxy.objects.create(village=hall.village, meeting=hall.meeting, grantor=grantor, holder=holder, photo=photo)
    path = address(hall.village, photo)
    for number in (0, 1, 2, 3, 4):
        assert signed_in(hall.account(number)).get(path).status_code == 200, number
    assert signed_in(hall.account(5)).get(path).status_code == 404
    helper = make_user()
    Claim.objects.create(
        village=hall.village, user=helper, resident=hall.people[3], relation=Claim.Relation.HELPER,
        state=Claim.State.CONFIRMED,
    )  # fmt: skip
    assert signed_in(helper).get(path).status_code == 404
    settings.SECOND_FACTOR_REQUIRED = True
    assert signed_in(hall.account(3)).get(path).status_code == 200
    assert signed_in(hall.chair).get(path).status_code == 302


@pytest.mark.parametrize("token", ["0" * 32, "x" * 22, "A" * 32, "0" * 31])
def test_there_is_nothing_under_other_names(hall, token):
    path = reverse("consultation:photo", args=[hall.village.slug, token])
    assert signed_in(hall.chair).get(path).status_code == 404


def test_a_file_that_is_gone_is_no_error(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    photo = pictures.keep_photo(hall.village, upload(picture()), None)
    for person in hall.people[:2]:
        sheets.enter_reading(motion, method="hands", reader=person, numbers={"for": 4}, by=None, photo=photo)
        photo = None
    kept = Sheet.objects.get().photo
    Path(kept.file.path).unlink()
    assert signed_in(hall.chair).get(address(hall.village, kept)).status_code == 404


def test_a_second_photo_takes_the_place_of_the_first(hall, private, django_capture_on_commit_callbacks):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    for person in hall.people[:2]:
        photo = pictures.keep_photo(hall.village, upload(picture()), None)
        with django_capture_on_commit_callbacks(execute=True):
            sheets.enter_reading(motion, method="hands", reader=person, numbers={"for": 4}, by=None, photo=photo)
    assert Photo.objects.get() == Sheet.objects.get().photo == photo
    assert len(files_in(private)) == 1


def test_the_files_of_a_village_go_with_it_once_that_is_sure(hall, private, django_capture_on_commit_callbacks):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    photo = pictures.keep_photo(hall.village, upload(picture()), None)
    sheets.enter_reading(motion, method="hands", reader=hall.people[0], numbers={"for": 4}, by=None, photo=photo)
    elsewhere = pictures.keep_photo(make_village(), upload(picture()), None)
    with django_capture_on_commit_callbacks() as promised:
        Village.objects.get(pk=hall.village.pk).delete()
    assert len(files_in(private)) == 2
    for go in promised:
        go()
    assert [str(path) for path in files_in(private)] == [elsewhere.file.path]
