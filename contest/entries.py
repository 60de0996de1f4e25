"""A village's entry from its first draft until it is sent in or withdrawn; what it is judged by is frozen then."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from PIL import Image

from audit.log import record
from consultation.locks import database_now
from consultation.pictures import read_photo
from residents.models import User, Village
from villagerules.canonical import canonical_text, text_hash
from villagerules.models import RuleVersion

from .eligibility import judge, why_not_village
from .entry_rights import may_edit, may_enter
from .errors import Closed, Incomplete, NotAllowed, Stale, WrongState
from .films import require_film
from .models import Contest, Endorsement, Entry, EntryFilm, EntryPhoto, Stage
from .stages import is_open, require_open

PHOTOS_MOST, ENDORSEMENTS_MOST, DRAFTS_MOST = 10, 10, 20
SMALL_SIDE = 640
TEXTS = ("title", "line", "story")


def locked_contest(contest: Contest) -> Contest:
    """Its row until the end of the transaction: numbers, limits and quotas are counted behind it."""
    return Contest.objects.select_for_update(of=("self",), no_key=True).get(pk=contest.pk)


def locked_entry(entry: Entry) -> Entry:
    """The contest's row first, then the entry's, as everybody takes them."""
    locked_contest(entry.contest)
    return Entry.objects.select_for_update(of=("self",)).select_related("contest", "village__region").get(pk=entry.pk)


@transaction.atomic
def start_entry(contest: Contest, village: Village, *, by: User) -> Entry:
    """A new draft of the village. Raises NotAllowed, WrongState, Closed, Incomplete."""
    locked = locked_contest(contest)
    if not may_enter(by, locked, village):
        raise NotAllowed(_not_yours(locked))
    require_open(locked, Stage.Key.SUBMISSION)
    if reasons := why_not_village(locked, village):
        raise Incomplete("".join(reasons))
    mine = locked.entries.of(village)
    if locked.form == Contest.Form.LINE:
        if mine.filter(created_by=by).exclude(state__in=Entry.OUT).exists():
            raise WrongState(_("每人报一句，您已经有一句了，在您的申报里改。"))
    elif mine.filter(state=Entry.State.DRAFT).count() >= DRAFTS_MOST:
        raise WrongState(_("草稿太多了。请先撤回不用的草稿，再新建。"))
    number = (locked.entries.aggregate(last=Max("number"))["last"] or 0) + 1
    return Entry.objects.create(contest=locked, village=village, number=number, key=f"e{number:02d}", created_by=by)


def _not_yours(contest: Contest) -> str:
    if contest.form == Contest.Form.LINE:
        return _("本村认证居民才能报，每人报自己的一句。")
    return _("村里的申报由村（居）民委员会的人来填。")


def _open_to_change(entry: Entry, by: User) -> Entry:
    """Under its lock, if this account may change it now."""
    line = locked_entry(entry)
    if not may_edit(by, line):
        raise NotAllowed(_not_yours(line.contest))
    if line.state not in Entry.OPEN_TO_CHANGE:
        raise WrongState(_("这件申报现在是“%(state)s”，不能改。") % {"state": line.get_state_display()})
    require_time(line)
    return line


def require_time(entry: Entry) -> None:
    """A returned entry may come again as long as the township checks; anything, while entries are accepted."""
    if entry.state == Entry.State.RETURNED and is_open(entry.contest, Stage.Key.TOWNSHIP_REVIEW):
        return
    require_open(entry.contest, Stage.Key.SUBMISSION)


@transaction.atomic
def save_entry(
    entry: Entry, texts: Mapping[str, str], *, revision: int, by: User, version: RuleVersion | None = None
) -> Entry:
    """Keep what is typed: `texts` of title, line and story; `revision` as it was when the form was made.

    Raises Stale where somebody saved meanwhile, NotAllowed, WrongState, Closed, Incomplete for another village's rules.
    """
    line = _open_to_change(entry, by)
    if line.revision != revision:
        raise Stale
    if version is not None and version.village_id != line.village_id:
        raise Incomplete(_("只能选本村的村规。"), "version")
    for name in TEXTS:
        if name in texts:
            setattr(line, name, texts[name].replace("\r\n", "\n").strip())
    line.version = version
    line.revision += 1
    line.save(update_fields=[*TEXTS, "version", "revision"])
    return line


def add_photo(entry: Entry, upload: UploadedFile, *, alt: str, by: User) -> EntryPhoto:
    """Made anew, last in order. Not to be called in a transaction. Raises PhotoRefused and as `save_entry`."""
    if not may_edit(by, entry):  # before anything is decoded
        raise NotAllowed(_not_yours(entry.contest))
    content = read_photo(upload).content
    small = _smaller(content)
    with transaction.atomic():
        line = _open_to_change(entry, by)
        if line.photos.count() >= PHOTOS_MOST:
            raise Incomplete(_("照片最多 10 张。请先去掉一张，再加。"), "photo")
        last = line.photos.aggregate(last=Max("position"))["last"] or 0
        photo = EntryPhoto(village=line.village, entry=line, alt=alt.strip(), position=last + 1)
        try:
            photo.file.save("photo.jpg", ContentFile(content), save=False)
            photo.small.save("photo.jpg", ContentFile(small), save=False)
            photo.save()
        except Exception:
            for one in (photo.file, photo.small):  # the row is undone with the transaction, files are not
                if one:
                    one.storage.delete(str(one.name))
            raise
    return photo


def _smaller(content: bytes) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        picture.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
        picture.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


@transaction.atomic
def describe_photos(entry: Entry, alts: Mapping[int, str], *, by: User) -> None:
    """The words for those who do not see them, by the photo's key."""
    line = _open_to_change(entry, by)
    for photo in line.photos.filter(pk__in=alts):
        photo.alt = alts[photo.pk].strip()
        photo.save(update_fields=["alt"])


@transaction.atomic
def remove_photo(entry: Entry, key: int, *, by: User) -> None:
    for photo in _open_to_change(entry, by).photos.filter(pk=key):
        photo.delete()


def set_film(entry: Entry, upload: UploadedFile, *, by: User) -> EntryFilm:
    """Instead of the one before. Raises ContestRefused (too_large, bad_type) and as `save_entry`."""
    if not may_edit(by, entry):
        raise NotAllowed(_not_yours(entry.contest))
    require_film(upload)
    with transaction.atomic():
        line = _open_to_change(entry, by)
        for before in EntryFilm.objects.filter(entry=line):
            before.delete()
        film = EntryFilm(village=line.village, entry=line)
        film.file.save("film.mp4", upload, save=False)
        try:
            film.save()
        except Exception:
            film.file.storage.delete(str(film.file.name))
            raise
    return film


@transaction.atomic
def remove_film(entry: Entry, *, by: User) -> None:
    for film in EntryFilm.objects.filter(entry=_open_to_change(entry, by)):
        film.delete()


@transaction.atomic
def add_endorsement(entry: Entry, *, who: str, relation: str, words: str, by: User) -> Endorsement:
    line = _open_to_change(entry, by)
    if not (who.strip() and relation.strip() and words.strip()):
        raise Incomplete(_("推荐人、身份和推荐的话都要写。"), "who")
    count = line.endorsements.count()
    if count >= ENDORSEMENTS_MOST:
        raise Incomplete(_("推荐语最多 10 条。请先去掉一条，再加。"), "who")
    return Endorsement.objects.create(
        village=line.village, entry=line, who=who.strip(), relation=relation.strip(), words=words.strip(),
        position=count + 1,
    )  # fmt: skip


@transaction.atomic
def remove_endorsement(entry: Entry, key: int, *, by: User) -> None:
    _open_to_change(entry, by).endorsements.filter(pk=key).delete()


def missing(entry: Entry) -> list[tuple[str, str]]:
    """What is still to be filled in or put right before it can be sent in: field and sentence."""
    if entry.contest.form == Contest.Form.LINE:
        return [] if entry.line else [("line", _("请写下您的一句话。"))]
    found = []
    if not entry.title:
        found.append(("title", _("请写申报题目。")))
    if not entry.story:
        found.append(("story", _("请写申报说明：这份村规怎么来的，管用在哪里。")))
    if entry.photos.filter(alt="").exists():
        found.append(("photo", _("有照片还没有说明。请写上照片里是什么，看不见照片的人也能听到。")))
    if entry.version is None:
        found.append(("version", _("请选申报哪一份村规。")))
    else:
        found += [("version", reason) for reason in judge(entry.contest, entry.version).reasons]
        if twins_by_version(entry):
            found.append(("version", _("这一版村规已经报过了，不能报两次。")))
    return found


def twins_by_version(entry: Entry) -> bool:
    others = entry.contest.entries.standing().exclude(pk=entry.pk)
    return others.filter(version=entry.version_id).exists()


@transaction.atomic
def submit_entry(entry: Entry, *, revision: int, by: User) -> Entry:
    """Send it in, or again after it was returned: from now on its words are its own copy.

    Raises Incomplete with the first thing that is missing, Stale, NotAllowed, WrongState, Closed.
    """
    line = _open_to_change(entry, by)
    if line.revision != revision:
        raise Stale
    if reasons := why_not_village(line.contest, line.village, but=line):
        raise Incomplete("".join(reasons))
    for field, words in missing(line):
        raise Incomplete(words, field)
    again = line.state == Entry.State.RETURNED
    freeze(line)
    line.state = Entry.State.RESUBMITTED if again else Entry.State.SUBMITTED
    line.submitted_at, line.reason = database_now(), ""
    line.revision += 1
    line.save()
    note(line, "submit_entry", by=by, hash=line.frozen_hash)
    return line


def freeze(line: Entry) -> None:
    """Copy the words it is judged by, and their hash."""
    if line.version is not None:
        line.frozen_title = line.version.whole_text().title[:120]
        line.frozen_text, line.frozen_hash = canonical_text(line.version), text_hash(line.version)
    else:
        line.frozen_title, line.frozen_text = "", line.line
        line.frozen_hash = hashlib.sha256(line.line.encode()).hexdigest()


@transaction.atomic
def withdraw_entry(entry: Entry, *, reason: str, by: User) -> Entry:
    """Take it out, at any time before the scores are locked; amid the vote it leaves the gallery and its picks stay on
    the ballots without counting. Raises NotAllowed, WrongState."""
    line = locked_entry(entry)
    if not may_edit(by, line):
        raise NotAllowed(_not_yours(line.contest))
    if line.state in Entry.OUT:
        raise WrongState(_("这件申报已经退出了。"))
    if line.contest.state != Contest.State.ANNOUNCED:
        raise Closed(_("分数已经锁定，不能再撤回。有异议请在公示期提出。"))
    line.state, line.out_at, line.reason = Entry.State.WITHDRAWN, database_now(), reason.strip()[:500]
    line.save(update_fields=["state", "out_at", "reason"])
    note(line, "withdraw_entry", by=by)
    return line


def note(line: Entry, action: str, *, by: User | None, **detail: object) -> None:
    record(
        action=action, subject=f"{line.contest.title} {line.number}", village_id=line.village_id, actor=by,
        contest=line.contest.slug, number=line.number, **detail,
    )  # fmt: skip


def same_text(entry: Entry) -> list[Entry]:
    """Other entries of the contest, still in the running, with the very same words: for those who check."""
    if not entry.frozen_hash:
        return []
    others = entry.contest.entries.standing().exclude(pk=entry.pk).filter(frozen_hash=entry.frozen_hash)
    return list(others.select_related("village"))


def changed_since(entry: Entry) -> str:
    """What became of the rules after they were sent in, in words; empty while they are in force as they were."""
    version = entry.version
    if version is None or not entry.frozen_hash:
        return ""
    today = entry.village.local_date(database_now())
    if version.repealed_on is not None and version.repealed_on <= today:
        return _("报送以后，这份村规在 %(on)s 废止了。") % {"on": version.repealed_on}
    now = version.rules.version_in_force(today)
    if now is None or now.pk != version.pk:
        return _("报送以后，这份村规改过，现在施行的是另一版。评的仍是报送时的文本。")
    return (
        "" if text_hash(version) == entry.frozen_hash else _("这份村规的文本和报送时不一样了。评的仍是报送时的文本。")
    )
