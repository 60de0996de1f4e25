"""Papers taken away as .docx: what stands on them, and that nobody finds more names there than on the page."""

import io
import re

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation
from docx import Document
from docx.shared import Emu

from consultation import meetings, minutes, paper, secret_ballots, settling, sheets, signing, topics, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.bulletins import bulletin_of
from consultation.models import Meeting, Minutes
from consultation.official import referral
from residents import two_people
from tests.factories.consultation import close_vote, make_hall, open_vote, sign_all
from tests.factories.residents import appoint, make_account, make_resident
from tests.factories.topics import make_topic, second_by

pytestmark = pytest.mark.django_db

PAPERS = ("minutes_paper", "resolution_paper", "opinion_paper")


def over(hall):
    meetings.close_meeting(hall.meeting, by=None)
    hall.meeting = Meeting.objects.select_related("roster").get(pk=hall.meeting.pk)
    return hall


def held(*, votes=(4, 1, 1), **fields):
    hall = make_hall(8, **fields)
    close_vote(hall, votes=votes)
    return over(hall)


def consulted(**fields):
    """The same as a consultation: it forms an opinion, and how many had to come is its own rule."""
    hall = held(**fields)
    own = {"binding": False, "quorum_basis": "自定", "label": "屋场协商"}
    Meeting.objects.filter(pk=hall.meeting.pk).update(rules=hall.meeting.rules | own)
    hall.meeting.refresh_from_db()
    return hall


def draft(hall, *, opinion=""):
    made = minutes.draft_minutes(hall.meeting, by=None)
    words = {"proceedings": "讨论了一个小时。\n张家说水大。", "opinion": opinion}
    return minutes.edit_minutes(made, revision=made.revision, by=None, **words)


def signed(hall, **words):
    checked = minutes.check_minutes(draft(hall, **words), checker=hall.people[4], by=None)
    return sign_all(checked)


def published(hall, **words):
    appoint(hall.people[4], "supervisory_chair")
    return minutes.publish_minutes(signed(hall, **words), by=None)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def fetch(hall, name="minutes_paper", client=None):
    return (client or Client()).get(hall.meeting.address(name))


def document(response):
    assert response.status_code == 200
    assert response["Content-Type"].endswith("wordprocessingml.document")
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["Cache-Control"] == "no-store"
    return Document(io.BytesIO(response.content))


def words(found):
    """All of it, headers and tables too, a line for each paragraph."""
    lines = [p.text for p in found.sections[0].header.paragraphs]
    for element in found.element.body.iterchildren():
        if element.tag.endswith("}tbl"):
            table = next(one for one in found.tables if one._element is element)
            lines += [" | ".join(cell.text for cell in row.cells) for row in table.rows]
        else:
            lines.append("".join(node.text or "" for node in element.iter() if node.tag.endswith("}t")))
    return "\n".join(lines)


def text_of(response):
    return words(document(response))


# What stands on them


def test_the_minutes_tell_what_was_recorded_and_by_which_rule():
    hall = held()
    made = published(hall)
    said = text_of(fetch(hall, client=client_of(make_account(make_resident(hall.village)))))
    basis = "（《中华人民共和国村民委员会组织法》第二十五条、第二十六条）"
    for line in (
        "村民会议记录",
        f"时间：{made.facts['time']}",
        "地点：晒谷坪",
        f"会议：村民会议（户代表）{basis}",
        f"主持：{hall.people[0].name}",
        "应到：8 户代表",
        f"实到：8 户代表（其中女 {made.facts['women']}），三分之二以上为 6{basis}",
        "签到方式：记录员 8",
        f"通过条件：到会人员超过半数赞成才通过{basis}",
        "一、会议经过",
        "张家说水大。",
        "二、表决情况",
        "（一）晒谷坪设临时停车处",
        "途径 | 赞成 | 反对 | 弃权",
        "手机、平板和记录员代录 | 4 | 1 | 1",
        "合计 | 4 | 1 | 1",
        "结果：未通过",
        "签字页",
        f"主持人 | {hall.people[0].name}\n",
    ):
        assert line in said, line
    assert "未通过。" in said  # the whole arithmetic
    assert said.index("签字页") > said.index("二、表决情况")


def test_the_bulletin_stands_there_with_its_code_root_and_address():
    hall = held()
    published(hall)
    found = document(fetch(hall))
    root = bulletin_of(hall.meeting.motions.get()).root
    assert len(found.inline_shapes) == 1
    assert root in words(found).replace(" ", "")
    assert f"/v/{hall.village.slug}/bulletins/1/" in words(found)


def test_a_draft_says_so_on_every_page_and_signed_minutes_carry_their_checksum():
    hall = held()
    appoint(hall.people[4], "supervisory_chair")
    villager = client_of(hall.account(5))
    draft(hall)
    first = document(fetch(hall, client=villager)).sections[0]
    assert {first.header.paragraphs[0].text, first.even_page_header.paragraphs[0].text} == {
        "草稿（没有签字，不作依据）"
    }
    made = Minutes.objects.get()
    minutes.check_minutes(made, checker=hall.people[4], by=None)
    assert "草稿" in text_of(fetch(hall, client=villager))  # checked is not signed yet
    signing.sign_minutes(made, signer=hall.people[0], by=None)
    assert "还没有签齐" in text_of(fetch(hall, client=villager))
    made = signing.sign_minutes(made, signer=hall.people[1], by=None)
    said = text_of(fetch(hall, client=villager))
    assert "草稿" not in said
    assert "签齐" not in said
    assert said.count(f"{made.digest}") == 2  # above each page, and on the page of the signatures


def test_every_channel_and_sheet_is_told():
    hall = make_hall(8)
    motion = open_vote(hall, method="paper_and_online")
    for entry in hall.entries[:5]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    paper.spoil_paper(motion=motion, entry=hall.entries[0], by=None)
    for entry in hall.entries[5:]:
        voting.cast_ballot(motion=motion, entry=entry, choice="against", key=f"{entry.pk}")
    motion = voting.close_motion(motion, by=None)
    typed = {"for": 3, "against": 0, "abstain": 0, "blank": 1, "invalid": 1, "not_returned": 0}
    for person in hall.people[:2]:
        sheets.enter_reading(motion, method="paper", reader=person, numbers=typed, by=None)
    voting.announce_result(motion, by=None)
    published(over(hall))
    said = text_of(fetch(hall))
    assert "手机、平板和记录员代录 | 0 | 3 | 0\n纸票 | 3 | 0 | 0\n合计 | 3 | 3 | 0" in said
    counted = "纸票：发出 6 张，写坏换发 1 张，没有交回 0 张，收回 5 张；其中空白 1 张，废票 1 张。"
    counted += f"{hall.people[0].name}录入，{hall.people[1].name}核对。"
    page = Client().get(hall.meeting.address("minutes")).text
    assert counted in said
    assert counted in page
    for row in (("手机、平板和记录员代录", 0, 3, 0), ("纸票", 3, 0, 0), ("合计", 3, 3, 0)):
        assert f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" in page


def cast_secret(motion, entry, choice):
    secret = entry.pk.to_bytes(16, "big")
    secret_ballots.cast_secret(
        motion=motion, entry=entry, choice=choice, slip=slip_key(secret), board=board_code(secret)
    )


def test_of_a_secret_vote_there_are_sums_only():
    hall = make_hall(6)
    motion = open_vote(hall, secret=True)
    for entry, choice in zip(hall.entries, ["for"] * 4 + ["against"] * 2, strict=True):
        cast_secret(motion, entry, choice)
    voting.close_motion(motion, by=None)
    appoint(hall.people[5], "supervisory_member")
    over(hall)
    draft(hall)
    for reader in (hall.chair, hall.account(3), hall.account(5)):
        said = text_of(fetch(hall, client=client_of(reader)))
        assert "合计 | 4 | 2 | 0" in said
        assert "无记名" in said
        assert "记名表决名单" not in said


def test_a_correction_after_the_signature_stands_under_what_was_signed():
    hall = make_hall(8)
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    for person in hall.people[:2]:
        sheets.enter_hands(motion, reader=person, counts={"for": 6, "against": 2, "abstain": 0}, by=None)
    voting.announce_result(motion, by=None)
    made = signed(over(hall))
    assert "补记" not in text_of(fetch(hall, client=client_of(hall.chair)))
    motion.refresh_from_db()
    proposal = settling.propose_correction(
        motion, motion.sheets.get(), numbers={"for_count": 2, "against_count": 6}, reason="看错了行",
        by=hall.account(3),
    )  # fmt: skip
    with transaction.atomic():
        two_people.decide(proposal, by=hall.account(4), accept=True)
    page = client_of(hall.chair).get(hall.meeting.address("minutes")).text
    said = text_of(fetch(hall, client=client_of(hall.chair)))
    before, after = said.split("三、补记：签字以后的结果和更正")
    assert "合计 | 6 | 2 | 0" in before
    assert "合计 | 2 | 6 | 0" in after
    assert "看错了行" in after
    assert "看错了行" in page
    # The resolution does not go on calling carried what is not any more.
    resolution = text_of(fetch(hall, "resolution_paper", client_of(hall.chair)))
    assert "会议决定" not in resolution
    assert "合计 | 2 | 6 | 0" in resolution
    assert "合计 | 6 | 2 | 0" not in resolution
    made.refresh_from_db()
    assert said.count(made.digest) == 2


def test_the_resolution_tells_carried_and_lost_apart():
    hall = make_hall(8)
    close_vote(hall, votes=(6, 1, 1), text="修水渠")
    close_vote(hall, votes=(2, 5, 1), text="砍老樟树")
    published(over(hall))
    said = text_of(fetch(hall, "resolution_paper"))
    assert f"{hall.village.name}村民会议决议\n（村民会议）" in said
    carried, lost = said.split("二、没有通过的事项")
    assert "一、会议决定" in carried
    assert "修水渠" in carried.split("一、会议决定")[1]
    assert "砍老樟树" not in carried
    assert "砍老樟树" in lost
    assert "应到 8 户代表，实到 8，三分之二以上为 6（《中华人民共和国村民委员会组织法》" in said


def passed_on_by(hall, **fields):
    motion = open_vote(hall, text="内湖水面怎么包", reserved_for="collective_members_assembly", **fields)
    for entry in hall.entries:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{entry.pk}")
    return voting.close_motion(motion, by=None)


def test_what_was_passed_on_is_neither_decided_nor_lost():
    hall = make_hall(8)
    close_vote(hall, votes=(6, 1, 1), text="修水渠")
    passed_on_by(hall)
    published(over(hall))
    said = text_of(fetch(hall, "resolution_paper"))
    decided, referred = said.split("二、转办的事项")
    assert "没有通过" not in said
    assert "内湖水面怎么包" not in decided
    assert "结果：转办：提请农村集体经济组织成员大会" in referred
    assert "提请农村集体经济组织成员大会" in Client().get(hall.meeting.address("minutes")).text


def test_the_letter_passes_on_what_a_meeting_thinks_and_names_nobody():
    hall = consulted()
    Meeting.objects.filter(pk=hall.meeting.pk).update(state="live")
    motion = passed_on_by(hall)
    over(hall)
    signed(hall, opinion="多数人想先修水闸再发包。")
    address = hall.meeting.address("motion_letter", motion.number)
    assert client_of(hall.account(5)).get(address).status_code == 403
    assert client_of(hall.chair).get(hall.meeting.address("motion_letter", 1)).status_code == 404  # was decided
    found = document(client_of(hall.chair).get(address))
    said = words(found)
    for line in (
        f"{hall.village.name}村民委员会关于转办会议意见的函", "农村集体经济组织成员大会：", "内湖水面怎么包",
        "应到 8 户代表，实到 8。表决的意见：赞成 8，反对 0，弃权 0。", "多数人想先修水闸再发包。",
        "这件事由“农村集体经济组织成员大会”定，本次会议不作决定", "村民委员会（盖章）",
    ):  # fmt: skip
        assert line in said, line
    assert not names_in(said, hall)
    # GB/T 9704: A4, 37 mm above, 28 mm at the binding side, 156 × 225 mm of text.
    page = found.sections[0]
    across, down = page.page_width, page.page_height
    text = (across - page.left_margin - page.right_margin, down - page.top_margin - page.bottom_margin)
    measures = (across, down, page.top_margin, page.left_margin, *text)
    assert [round(Emu(one).mm) for one in measures] == [210, 297, 37, 28, 156, 225]
    offered = client_of(hall.chair).get(hall.meeting.address("minutes")).text
    assert address in offered
    assert address not in client_of(hall.account(5)).get(hall.meeting.address("minutes")).text


def test_the_print_view_has_the_page_to_sign_and_the_list_for_those_who_may_see_it():
    hall = held()
    draft(hall)
    for client, sees in ((client_of(hall.recorder), True), (client_of(hall.account(5)), False)):
        page = client.get(hall.meeting.address("minutes")).text
        assert ("附：到会名单" in page) == sees
        sheet = page.split("签字页")[1]
        for label in ("主持人", "记录员", "监票人"):
            assert f'<th scope="row">{label}</th>' in sheet
        assert sheet.count('<th scope="row">监督委员会</th>') == 3


def test_a_consultation_has_an_opinion_and_no_resolution():
    hall = consulted()
    published(hall, opinion="路灯先修三组的。\n电费大家出。")
    assert fetch(hall, "resolution_paper").status_code == 404
    said = text_of(fetch(hall, "opinion_paper"))
    for line in (
        "村民会议协商意见", "一、协商意见", "路灯先修三组的。", "电费大家出。", "不代替有权的会议作决定",
        "三分之二以上为 6（自定）", "合计 | 4 | 1 | 1",
    ):  # fmt: skip
        assert line in said, line
    assert "通过条件" not in said


def test_an_assembly_has_no_opinion_paper_and_a_consultation_without_one_neither():
    hall = held()
    published(hall, opinion="路灯先修三组的。")
    assert fetch(hall, "opinion_paper").status_code == 404
    other = consulted()
    published(other)
    assert fetch(other, "opinion_paper").status_code == 404


def test_papers_are_in_the_villages_language_whoever_takes_them():
    hall = held()
    published(hall)
    chinese = text_of(fetch(hall))
    client = Client(headers={"accept-language": "en"})
    with translation.override("en"):
        assert text_of(fetch(hall, client=client)) == chinese


def test_words_that_break_files_do_not_break_these():
    hall = held()
    made = draft(hall, opinion="同意👍🏽")
    hostile = "甲\x0b乙\x00丙𠀀𪚥\u202e丁" + "x" * 3000
    Minutes.objects.filter(pk=made.pk).update(proceedings=hostile.replace("\x00", ""))
    Meeting.objects.filter(pk=hall.meeting.pk).update(title="会\x1f议𠀀")
    said = text_of(fetch(hall, client=client_of(hall.account(3))))
    assert "甲乙丙𠀀𪚥丁" + "x" * 3000 in said
    assert "会议𠀀记录" in said


# Who may take what


def test_papers_open_with_the_page_of_the_minutes_and_not_before():
    hall = held()
    readers = {
        "visitor": Client(),
        "stranger": client_of(make_hall().chair),
        "villager": client_of(make_account(make_resident(hall.village))),
    }
    appoint(hall.people[4], "supervisory_chair")

    def statuses(name):
        return {who: fetch(hall, name, client).status_code for who, client in readers.items()}

    assert {name: statuses(name) for name in PAPERS} == {
        name: dict.fromkeys(readers, 404) for name in PAPERS
    }  # none yet
    made = signed(hall)
    assert statuses("minutes_paper") == {"visitor": 404, "stranger": 404, "villager": 200}
    assert statuses("resolution_paper") == {"visitor": 404, "stranger": 404, "villager": 200}
    minutes.publish_minutes(made, by=None)
    assert statuses("minutes_paper") == dict.fromkeys(readers, 200)


def names_in(text, hall):
    return {person.name for person in hall.people if person.name in re.split(r"[\s|、：（）]+", text)}


def test_nobody_finds_more_names_on_paper_than_on_the_page():
    hall = held(votes=(5, 2, 1))
    appoint(hall.people[4], "supervisory_chair")
    minutes.publish_minutes(signed(hall), by=None)
    Minutes.objects.update(proceedings=f"{hall.people[5].name}：水大，要先修渠。")
    township_free = {
        "visitor": Client(),
        "stranger": client_of(make_hall().chair),
        "villager": client_of(make_account(make_resident(hall.village))),
        "recorder": client_of(hall.recorder),
        "supervisor": client_of(hall.account(4)),
    }
    for who, client in township_free.items():
        said = text_of(fetch(hall, client=client))
        page = client.get(hall.meeting.address("minutes")).text
        on_page = {person.name for person in hall.people if person.name in page}
        assert names_in(said, hall) == on_page, who
        officers = {person.name for person in (*hall.people[:3], hall.people[4])}
        assert (names_in(said, hall) == officers) == (who in ("visitor", "stranger")), who
        assert ("附：记名表决名单" in said) == (who not in ("visitor", "stranger")), who
        assert ("附：到会名单" in said) == (who in ("recorder", "supervisor")), who
        assert ("到会名单（8" in page) == (who in ("recorder", "supervisor")), who


def test_the_list_of_those_who_came_is_by_number_and_how():
    hall = held()
    draft(hall)
    said = text_of(fetch(hall, client=client_of(hall.recorder))).split("附：到会名单")[1]
    assert "号牌 | 姓名 | 组别 | 签到方式 | 备注" in said
    for entry in hall.entries:
        assert f"{entry.number} | {entry.name} | {entry.group_number}组 | 记录员 | " in said


def test_the_page_offers_what_there_is():
    hall = held()
    published(hall)
    page = Client().get(hall.meeting.address("minutes")).text
    offered = {name for name in PAPERS if hall.meeting.address(name) in page}
    assert offered == {"minutes_paper", "resolution_paper"}


# Letters


def passed_on(hall, about="collective_funds", **fields):
    topic = make_topic(hall.village, hall.people[6], about=about, text="李家多占了。", **fields)
    second_by(topic, 2)
    state = topics.State.REFERRED if topic.reserved_for else topics.State.REDIRECTED
    return topics.answer(
        topic,
        topics.Answer(
            state=state, reason="这件事要开大会定。", published_title="集体收入怎么用", sent_to="mediation"
        ),
        by=None,
    )  # fmt: skip


def reserved_key(village):
    from consultation.models import TopicCategory
    from consultation.topic_categories import seed_topic_categories

    seed_topic_categories()
    return TopicCategory.objects.for_kind(village.kind).exclude(reserved_for="").first().key


def letter_of(topic, user):
    return client_of(user).get(f"{topic.get_absolute_url()}letter.docx")


def test_a_reserved_topic_goes_on_with_a_letter_that_names_nobody():
    hall = make_hall(8, live=False)
    appoint(hall.people[3], "committee_member")
    topic = passed_on(hall, reserved_key(hall.village))
    said = text_of(letter_of(topic, hall.account(3)))
    assert f"{topic.sent_to}：" in said
    for line in (
        f"{hall.village.name}村民委员会关于转交议题的函", "集体收入怎么用", "有 3 户附议", "这件事要开大会定。",
        f"这类事项由{topic.sent_to}决定", f"{hall.village.name}村民委员会（盖章）", topic.get_absolute_url(),
    ):  # fmt: skip
        assert line in said, line
    if topic.category.basis:
        assert f"按照{topic.category.basis}，" in said
    assert topic.raised_by.name not in said
    assert "李家多占了" not in said
    assert topic.title not in said


def test_what_others_settle_goes_on_with_a_letter_too():
    hall = make_hall(8, live=False)
    appoint(hall.people[3], "committee_member")
    topic = passed_on(hall, "facilities")
    said = text_of(letter_of(topic, hall.account(3)))
    assert "\n人民调解：" in said
    assert "关于转办议题的函" in said
    assert "现转请办理" in said


def test_letters_are_the_committees_and_only_of_topics_that_were_passed_on():
    hall = make_hall(8, live=False)
    appoint(hall.people[3], "committee_member")
    topic = passed_on(hall, "facilities")
    assert letter_of(topic, hall.account(4)).status_code == 403
    assert letter_of(topic, make_hall().chair).status_code == 404
    waiting = make_topic(hall.village, hall.people[5])
    assert not referral.may_be_written(waiting)
    assert letter_of(waiting, hall.account(3)).status_code == 404
