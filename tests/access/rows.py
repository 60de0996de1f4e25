"""What each address answers each letter of the matrix: the table that tests/test_access.py holds the site to.

A row says `own` (the village of the accounts, its township, its things) and, where the address speaks of a place,
`other` (a village of another county). Cells: "ok" 2xx, "on" goes on elsewhere, "sign-in", "denied" (Wagtail's way back
to its home), "step-up", or the status. "*" stands for all letters that are not named; letters as in docs/rights.md.
POST-only addresses are asked by POST with nothing in it, so that what is allowed is refused for its content (409, 422).

A new address fails the test until it has a row. Most need one line: by the act of the matrix that its door asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from residents.rights import Act, Grant, Letter, grant_to
from villagerules.life_cycle import STEPS

Cells = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    own: Cells
    other: Cells
    method: str = "get"


def cells(**answers: str) -> Cells:
    """`V="sign-in", KH="ok", others="403"` as one answer for each letter."""
    found = dict.fromkeys((letter.value for letter in Letter), answers.pop("others", "404"))
    for letters, said in answers.items():
        found |= dict.fromkeys(letters, said)
    return as_residents(found, named="".join(answers))


def as_residents(found: dict[str, str], *, named: str) -> dict[str, str]:
    """The council's member is a resident of the roll too, and told the same where no row speaks of one."""
    return found if "C" in named else found | {"C": found["R"]}


def everybody(answer: str = "ok", *, method: str = "get") -> Row:
    """The public's pages: the same for all, here and elsewhere."""
    return Row(cells(others=answer), cells(others=answer), method)


def signed_in(answer: str = "ok", *, method: str = "get", **others: str) -> Row:
    """What belongs to the account itself."""
    own = cells(V="sign-in", others=answer) | {letter: said for key, said in others.items() for letter in key}
    return Row(own, own, method)


def by_act(act: Act | None, *, allowed: str = "ok", method: str = "get", also: str = "", **exceptions: str) -> Row:
    """A door of a village (residents/views/doors.py): the visitor signs in, who has nothing to do with the village
    finds nothing, who belongs there without the right is told so. An operator is of every village, with no right in it.
    """
    may = {
        letter.value
        for letter in Letter
        if act is not None and grant_to({letter}, act) in (Grant.MAY, Grant.TWO) and letter not in (Letter.VISITOR,)
    } | set(also)
    own = cells(V="sign-in", A="404", others="403") | dict.fromkeys(may, allowed)
    own |= {letter: said for letters, said in exceptions.items() for letter in letters}
    own = as_residents(own, named="".join([*may, *exceptions]))
    return Row(own, cells(V="sign-in", O="403"), method)


def by_region(allowed: str = "ok", *, judges: str = "403", method: str = "get") -> Row:
    """A door of a township: its reviewers and the operators; the county's judges are told that they may not."""
    own = cells(V="sign-in", J=judges, M=judges, T=allowed, O=allowed)
    return Row(own, cells(V="sign-in", O=allowed), method)


def in_meeting(allowed: str, answer: str = "ok", *, method: str = "get", **exceptions: str) -> Row:
    """A door of a meeting: who may follow it is told what they may not; all others find nothing."""
    own = cells(V="sign-in", RKHEPSGT="403") | dict.fromkeys(allowed, answer)
    own |= {letter: said for letters, said in exceptions.items() for letter in letters}
    return Row(as_residents(own, named=""), cells(V="sign-in"), method)


def admin(answer: str = "denied", *, other: str = "", own: str = "", operator: str = "") -> Row:
    """Wagtail's admin: committee, chair, administrator and operator come in, all others are sent to sign in.

    `own` is the committee's answer about its own village (`answer` unless given), `operator` the operator's.
    """
    inside = cells(others="sign-in") | dict.fromkeys("EPG", own or answer) | {"O": operator or answer}
    outside = cells(others="sign-in") | dict.fromkeys("EPG", other or answer) | {"O": operator or other or answer}
    return Row(inside, outside)


def publishing(answer: str = "ok", *, refused: str = "denied") -> Row:
    """Of the admin, what only those do who publish there."""
    own = cells(others="sign-in") | {"E": refused, "P": answer, "G": answer, "O": refused}
    return Row(own, cells(others="sign-in") | dict.fromkeys("EPGO", refused))


OWN_PAGES = admin("denied", own="ok")  # written by the village's editors, nobody else's, not the operator's
LISTS = admin("ok")  # lists and choosers, each with the account's own things in it (tests/test_admin_reach.py)
OPERATORS = admin("denied", operator="ok")
NOBODY = admin("denied")
POST_ONLY = admin("405")
MISSING = admin("404")

PUBLIC: Mapping[str, Row] = {
    "healthz": everybody(),
    "sitemap.xml": everybody(),
    "home:find": everybody(),
    "home:search": everybody(),
    "home:demo_accounts": everybody("404"),  # in development at the machine itself only
    "ui:preferences": everybody("405"),
    "ui:stylesheet": everybody(),
    "ui:gallery": everybody(),
    "ui:gallery_hall": everybody(),
    "ui:gallery_minutes": everybody(),
    "wagtail_serve": everybody(),
    r"^((?:[\w\-]+/)*)$": everybody(),
    r"^media/(?P<path>images/.*|original_images/.*)$": everybody(),
    "wagtaildocs_serve": everybody(),
    "wagtaildocs_authenticate_with_password": everybody("404"),
    "wagtailcore_authenticate_with_password": everybody("404"),
    "wagtailcore_login": everybody("404"),
    "code:enter": everybody(),
    "code:desk_link": everybody("404"),  # no such link
    "code:use": everybody("404"),  # no such code
    "home:audit_heads": everybody(),
    "home:audit_heads_file": everybody(),
    "residents:join": everybody(),
    "residents:poster": everybody(),
    "consultation:meeting": everybody(),
    "consultation:notice": everybody(),
    "consultation:calendar": everybody(),
    "consultation:guide": everybody(),
    "consultation:minutes": everybody("404"),  # none yet
    "consultation:results_sheet": everybody("404"),  # not published yet
    **dict.fromkeys(
        (f"consultation:{paper}_paper" for paper in ("minutes", "resolution", "opinion")),
        everybody("404"),  # none yet; tests/consultation/test_official_papers.py
    ),
    **dict.fromkeys(
        (f"consultation:{page}_pdf" for page in ("minutes", "notice")),
        everybody("404"),  # as on a machine that makes none; tests/consultation/test_printed.py
    ),
    "consultation:bulletins": everybody(),
    "consultation:bulletin_chain": everybody(),
    **dict.fromkeys(
        (f"consultation:bulletin{part}" for part in ("", "_file", "_wall", "_qr")),
        everybody("404"),  # none yet; tests/consultation/test_bulletin_pages.py
    ),
    "consultation:topics": everybody(),
    "consultation:petitions": everybody(),
    "consultation:petition": everybody(),
    "consultation:dashboard": everybody(),
    "home:pilots": everybody(),
    "clauses:library": everybody(),
    "clauses:use": signed_in("404"),  # no clause is shared: tests/villagerules/test_clauses.py
    "consultation:follow_ups": everybody(),
    # The world's version is published; who reads drafts: tests/villagerules/test_doors.py.
    **dict.fromkeys(
        (
            f"villagerules:{door}"
            for door in ("version", "word", "text", "json", "paper", "booklet", "poster", "card", "making", "similar")
        ),
        everybody(),
    ),
    "villagerules:article": everybody(),
    "villagerules:carrying": everybody(),
    "villagerules:suggestions": everybody(),
    "villagerules:suggestion": everybody(),
    "villagerules:compare": everybody("404"),  # a version beside itself; tests/villagerules/test_comparing.py
    "villagerules:pdf": everybody("404"),  # none is made here: tests/villagerules/test_printed.py
    "check:page": everybody(),
    "check:offline": everybody(),
    "check:script": everybody(),
}

ACCOUNTS: Mapping[str, Row] = {
    "account_login": Row(cells(V="ok", others="on"), cells(V="ok", others="on")),
    "account_request_login_code": Row(cells(V="ok", others="on"), cells(V="ok", others="on")),
    "account_confirm_login_code": everybody("on"),
    "account_logout": Row(cells(V="on", others="ok"), cells(V="on", others="ok")),
    "account_inactive": everybody(),
    "account_reauthenticate": signed_in(),
    "account_change_password": signed_in(),
    "account_set_password": signed_in("on"),
    "account_reset_password": everybody(),
    "accounts/2fa/totp/activate/": signed_in(),
    "accounts/2fa/webauthn/add/": signed_in(),
    "mfa_index": signed_in(),
    "mfa_authenticate": signed_in("on"),
    "mfa_reauthenticate": signed_in("sign-in"),  # who has no second factor yet
    "mfa_activate_totp": signed_in(),
    "mfa_deactivate_totp": signed_in("404"),
    "mfa_view_recovery_codes": signed_in("404"),
    "mfa_generate_recovery_codes": signed_in(),
    "mfa_download_recovery_codes": signed_in("404"),
    "mfa_list_webauthn": signed_in(),
    "mfa_add_webauthn": signed_in(),
    "mfa_reauthenticate_webauthn": signed_in("sign-in"),
    "mfa_remove_webauthn": signed_in("404"),
    "mfa_edit_webauthn": signed_in("404"),
    "mfa_login_webauthn": signed_in("on"),
    "socialaccount_connections": signed_in(),
    "accounts/3rdparty/": signed_in(),
    "socialaccount_login_cancelled": everybody(),
    "socialaccount_login_error": everybody("401"),
    "socialaccount_signup": signed_in("sign-in"),
    "weixin_login": everybody("404"),  # switched off
    "weixin_callback": everybody("404"),
}

OWN: Mapping[str, Row] = {
    "home:me": signed_in(),
    "me:who": signed_in(RKHEPSGC="on"),  # they are somebody already
    "me:family": signed_in("404"),  # nobody has said yet who they are
    "me:ask_claim": signed_in("404"),
    "me:withdraw_claim": signed_in("404", method="post"),
    "me:end_claim": signed_in("404", method="post"),
    "me:phone": signed_in(),
    "me:phone_code": signed_in("on"),
    "me:reminders": signed_in("on", method="post"),
    "me:returning": signed_in("on"),
    "me:second_factor": signed_in(),
    "me:second_factor_done": signed_in("on"),
    "me:second_factor_sms": signed_in("step-up"),
    "me:own_data": signed_in(),
    "me:own_copy": signed_in("on"),
    "me:correct": signed_in(),
    "me:withdraw_correction": signed_in("404", method="post"),
    "me:sign_out_elsewhere": signed_in("on", method="post"),
    "me:withdraw_consent": signed_in(),
    "me:delete_account": signed_in(),
    "me:gone": everybody("404"),
}

VILLAGE: Mapping[str, Row] = {
    "residents:roll": by_act(Act.IMPORT_ROLL, also="S"),
    "residents:person": by_act(Act.IMPORT_ROLL, also="S"),
    "residents:household": by_act(Act.IMPORT_ROLL, also="S"),
    "consultation:electorate": by_act(Act.IMPORT_ROLL, also="S"),
    "residents:roll_download": by_act(Act.SEE_PHONE, allowed="422", method="post"),
    "residents:show_phone": by_act(Act.SEE_PHONE, allowed="422", method="post"),
    "residents:import": by_act(Act.IMPORT_ROLL),
    "residents:import_blank": by_act(Act.IMPORT_ROLL),
    "residents:import_preview": by_act(Act.IMPORT_ROLL, allowed="on"),  # no such sheet any more
    "residents:import_columns": by_act(Act.IMPORT_ROLL, allowed="on"),
    "residents:import_problems": by_act(Act.IMPORT_ROLL, allowed="on"),
    "residents:add_person": by_act(Act.IMPORT_ROLL),
    "residents:edit_person": by_act(Act.IMPORT_ROLL),
    "residents:edit_household": by_act(Act.IMPORT_ROLL),
    "residents:print_codes": by_act(Act.IMPORT_ROLL),
    "residents:corrections": by_act(Act.IMPORT_ROLL),
    "residents:answer_correction": by_act(Act.IMPORT_ROLL, allowed="422", method="post"),
    "residents:access": by_act(Act.GIVE_ROLES),
    "residents:offices": by_act(Act.GIVE_ROLES),
    "residents:appoint": by_act(Act.GIVE_ROLES),
    "residents:end_office": by_act(Act.GIVE_ROLES),
    "residents:claims": by_act(Act.APPROVE_CLAIM),
    "residents:claim": by_act(Act.APPROVE_CLAIM),
    "residents:refuse_claim": by_act(Act.APPROVE_CLAIM, allowed="422", method="post"),
    "residents:end_claim": by_act(Act.APPROVE_CLAIM, allowed="404", method="post"),  # no such claim
    "residents:desk": by_act(Act.BRING_IN),
    "residents:desk_person": by_act(Act.BRING_IN),
    # The world's topic is open: for the village. The committee and the administrator are on the roll themselves.
    "consultation:topic": Row(cells(RKHEPSGT="ok"), cells()),
    # Of a meeting whose results are not published: for the village. Who answers for it is none of the letters.
    "consultation:follow_up": Row(cells(RKHEPSGT="ok"), cells()),
    "consultation:report_follow_up": Row(by_act(Act.FOLLOW_UP, JMO="404").own, cells(V="sign-in")),
    "consultation:hand_over_follow_up": by_act(Act.FOLLOW_UP),
    "consultation:rate_follow_up": Row(by_act(None, JMO="404").own, cells(V="sign-in"), "post"),
    "consultation:assign_follow_up": by_act(Act.FOLLOW_UP),
    "consultation:new_petition": by_act(Act.JOIN_MEETING, EPG="ok"),
    # The supervisor came to the village after the petition began, and does not count in its base.
    "consultation:sign_petition": by_act(Act.JOIN_MEETING, allowed="on", S="403", method="post"),
    # In so small a village one signature is enough.
    "consultation:unsign_petition": by_act(Act.JOIN_MEETING, allowed="409", EPG="409", method="post"),
    "consultation:withdraw_petition": by_act(Act.JOIN_MEETING, allowed="403", method="post"),
    "consultation:petition_signatures": by_act(Act.READ_SIGNATURES),
    "consultation:petition_list": by_act(Act.JOIN_MEETING, EPG="ok"),
    "consultation:enter_petition_sheet": by_act(Act.ENTER_SIGNATURES),
    "consultation:petition_sheet": by_act(Act.ENTER_SIGNATURES, allowed="404"),  # no such list
    "consultation:void_signature": by_act(Act.VOID_SIGNATURE, allowed="404"),  # no such signature
    "consultation:new_topic": by_act(Act.JOIN_MEETING, EPG="ok"),
    "consultation:second_topic": by_act(Act.JOIN_MEETING, allowed="on", EPG="on", method="post"),
    "consultation:unsecond_topic": by_act(Act.JOIN_MEETING, allowed="on", EPG="on", method="post"),
    "consultation:withdraw_topic": by_act(Act.JOIN_MEETING, allowed="403", method="post"),
    "consultation:answer_topic": by_act(Act.ANSWER_TOPIC),
    "consultation:topic_letter": by_act(Act.ANSWER_TOPIC, allowed="404"),  # not answered yet
    "consultation:topic_recording": by_act(Act.WRITE_DOWN, allowed="404"),  # it has none
    "consultation:write_down_topic": by_act(Act.WRITE_DOWN, allowed="404"),
    "villagerules:import": by_act(Act.DRAFT_RULES, also="G"),  # who publishes brings old ones in
    "villagerules:similar_all": by_act(Act.DRAFT_RULES),
    "villagerules:share": by_act(Act.SHARE_RULES, allowed="on", method="post"),
    "villagerules:pick_clause": by_act(Act.PICK_CLAUSES),
    "villagerules:insert_clause": by_act(Act.DRAFT_RULES, allowed="404"),  # no clause is shared there
    # The world's version is published already.
    "villagerules:put_in_force": by_act(Act.PUBLISH_RULES, allowed="409", method="post"),
    "villagerules:confirm": by_act(Act.PUBLISH_RULES, allowed="409", method="post"),
    "villagerules:send_back": by_act(Act.PUBLISH_RULES, allowed="409", method="post"),
    "villagerules:discard": by_act(Act.DRAFT_RULES, allowed="409", method="post"),
    **{
        f"villagerules:{name}": by_act(
            STEPS[name].act,
            allowed="422" if name in ("order_correction", "repeal_rules", "check_rules") else "409",
            method="post",
            also="EPG" if name == "add_opinion" else "",  # who stands on the roll too
        )
        for name in STEPS
    },
    # The world's version is published: nothing of it is edited any more.
    **dict.fromkeys(
        ("villagerules:edit", "villagerules:edit_add", "villagerules:edit_piece"),
        by_act(Act.DRAFT_RULES, allowed="409"),
    ),
    **dict.fromkeys(
        (
            "villagerules:move_piece",
            "villagerules:remove_piece",
            "villagerules:renumber",
            "villagerules:edit_standards",
        ),
        by_act(Act.DRAFT_RULES, allowed="409", method="post"),
    ),
    # Nobody has said anything yet: tests/villagerules/test_commenting.py.
    "villagerules:opinion": by_act(Act.MODERATE_OPINIONS, allowed="404"),
    "villagerules:let_opinion_through": by_act(Act.MODERATE_OPINIONS, allowed="404", method="post"),
    "villagerules:hide_opinion": by_act(Act.MODERATE_OPINIONS, allowed="404", method="post"),
    "villagerules:report_opinion": by_act(Act.JOIN_MEETING, allowed="404", EPG="404", method="post"),
    "villagerules:start_version": by_act(Act.DRAFT_RULES, allowed="422", method="post"),
    # Residents find their own household's events; of others' they know nothing.
    "villagerules:events": by_act(Act.READ_VILLAGE_ONLY),
    "villagerules:new_event": by_act(Act.READ_VILLAGE_ONLY, T="403"),
    "villagerules:events_sheet": by_act(Act.KEEP_EVENTS, allowed="422", method="post"),
    "villagerules:event": by_act(Act.READ_VILLAGE_ONLY, RKHSGT="404"),
    "villagerules:send_helpers": by_act(Act.KEEP_EVENTS, allowed="on", method="post"),
    "villagerules:note_outcome": by_act(Act.KEEP_EVENTS, allowed="409", method="post"),  # its day is to come
    "villagerules:call_off_event": by_act(Act.READ_VILLAGE_ONLY, allowed="422", method="post", RKHSGT="404"),
    # The world's villages have no points; whose lines one may see: tests/villagerules/test_points_doors.py.
    "villagerules:points": by_act(Act.READ_VILLAGE_ONLY),
    "villagerules:enter_points": by_act(Act.ENTER_POINTS),
    "villagerules:points_categories": by_act(Act.SET_POINTS),
    "villagerules:points_entry": by_act(Act.READ_VILLAGE_ONLY, allowed="404"),
    "villagerules:points_photo": by_act(Act.READ_VILLAGE_ONLY, allowed="404"),
    "villagerules:settle_points": by_act(Act.ENTER_POINTS, allowed="404", method="post"),
    "villagerules:void_points": by_act(Act.ENTER_POINTS, allowed="404", method="post"),
    "villagerules:object_to_points": by_act(Act.READ_VILLAGE_ONLY, allowed="404", method="post"),
    "villagerules:decide_objection": by_act(Act.DECIDE_OBJECTION, allowed="404", method="post", also="S"),
    "villagerules:name_points": by_act(Act.READ_VILLAGE_ONLY, allowed="404", method="post"),
    "villagerules:new_suggestion": by_act(Act.JOIN_MEETING, EPG="ok"),
    "villagerules:second_suggestion": by_act(Act.JOIN_MEETING, allowed="on", EPG="on", method="post"),
    "villagerules:unsecond_suggestion": by_act(Act.JOIN_MEETING, allowed="on", EPG="on", method="post"),
    "villagerules:withdraw_suggestion": by_act(Act.JOIN_MEETING, allowed="403", method="post"),
    "villagerules:answer_suggestion": by_act(Act.DRAFT_RULES, allowed="422", method="post"),
    "home:audit": by_act(Act.READ_AUDIT),
    "consultation:ledger": by_act(Act.EXPORT, M="403"),  # a contest's organizer reads nothing of the village
    # Each sees there what they may decide on.
    "residents:proposals": by_act(Act.READ_AUDIT, also="K"),
    "residents:decide_proposal": by_act(Act.READ_AUDIT, allowed="on", K="404", method="post"),
}

REGION: Mapping[str, Row] = {
    "home:regions": Row(cells(V="sign-in", T="ok", O="ok"), cells()),
    "home:region": by_region(judges="404"),
    # Its reviewers; the county's editors in tests/consultation/test_dashboard.py.
    "home:region_dashboard": Row(cells(V="sign-in", T="ok"), cells(V="sign-in")),
    "home:registry": Row(cells(V="sign-in", T="ok"), cells(V="sign-in")),
    "home:registry_file": Row(cells(V="sign-in", T="ok"), cells(V="sign-in")),
    "home:mark_pilot": by_region(),
    "home:end_pilot": by_region("404"),  # it is none
    "home:dashboards": Row(*2 * (cells(V="sign-in", EPSGTC="on"),)),
    "home:new_village": by_region(),
    "home:import_villages": by_region(),
    "home:blank_villages": by_region(),
    "home:villages_preview": by_region("on"),  # no such sheet any more
    "home:merge_villages": by_region(),
    "regions:offices": by_region(),
    "regions:appoint": by_region(),
    "regions:end_office": by_region(),
    "regions:first_admin": by_region(),
    "regions:proposals": by_region(),
    "regions:decide_proposal": by_region("on", method="post"),
}

_COMMITTEE = Row(cells(V="sign-in", E="ok", P="ok", G="ok"), cells(V="sign-in"))
_VOTERS = Row(cells(V="sign-in", RKHEPSG="422"), cells(V="sign-in"), "post")
MEETING: Mapping[str, Row] = {
    "consultation:call": _COMMITTEE,
    "consultation:practice": Row(cells(V="sign-in", E="on", P="on", G="on"), cells(V="sign-in"), "post"),
    "consultation:board": in_meeting("RKHEPSGT"),
    "consultation:hall": in_meeting("RKHEPSGT"),
    "consultation:own_papers": in_meeting("RKHEPSGT"),
    "consultation:my_code": in_meeting("RKHEPSGT", "on"),
    "consultation:reply": in_meeting("", method="post"),  # names no unit of anybody's
    "consultation:speak": in_meeting("", method="post"),  # names no unit of anybody's, here and below
    "consultation:withdraw_speech": in_meeting("", method="post"),
    "consultation:speakers": in_meeting("KH"),
    "consultation:search_speakers": in_meeting("KH"),
    "consultation:spoken": in_meeting("KH"),
    "consultation:enter_speaker": in_meeting("KH", "422", method="post"),
    "consultation:call_next_speaker": in_meeting("KH", "on", method="post"),
    "consultation:speech_rules": in_meeting("KH", "422", method="post"),
    # The world's meeting has no speeches.
    "consultation:call_speaker": in_meeting("KH", "on", method="post"),
    "consultation:more_time": in_meeting("KH", "422", method="post"),
    "consultation:end_speech": in_meeting("KH", "422", method="post"),
    "consultation:skip_speaker": in_meeting("KH", "422", method="post"),
    "consultation:speech_summary": in_meeting("KH", "422", method="post"),
    "consultation:ask_question": in_meeting("", method="post"),  # names no unit of anybody's
    "consultation:own_questions": in_meeting("RKHEPSGT"),
    "consultation:questions": in_meeting("KH"),
    "consultation:enter_question": in_meeting("KH", "422", method="post"),
    # The world's meeting has no questions.
    "consultation:show_question": in_meeting("KH", "422", method="post"),
    "consultation:question_on_screen": in_meeting("KH", "422", method="post"),
    "consultation:question_off_screen": in_meeting("KH", "422", method="post"),
    "consultation:question_by_mouth": in_meeting("KH", "422", method="post"),
    "consultation:reject_question": in_meeting("KH", "422", method="post"),
    "consultation:answer_question": in_meeting("KH", "422", method="post"),
    "consultation:take_temperature": in_meeting("H", "422", method="post"),
    "consultation:say_temperature": in_meeting("", "422", method="post"),  # names no answer
    "consultation:end_temperature": in_meeting("H", "on", method="post"),
    "consultation:take_down_temperature": in_meeting("H", "on", method="post"),
    "consultation:documents": in_meeting("KHEPG"),
    "consultation:document": everybody("404"),  # the world's meeting has none
    "consultation:remove_document": in_meeting("KHEPG", "404", method="post"),
    "consultation:show_document": in_meeting("KHEPG", "404", method="post"),
    "consultation:replies": in_meeting("KHEPG"),
    "consultation:cast": _VOTERS,
    "consultation:attend_remotely": in_meeting("RKEPSGT", "on", H="422", method="post"),
    "consultation:sign_in_sheet": in_meeting("KH"),
    "consultation:arrive": in_meeting("KH", "on"),
    "consultation:cast_for": in_meeting("KH", "422", method="post"),
    "consultation:console": in_meeting("KHEPG"),
    "consultation:search_roster": in_meeting("KH"),
    "consultation:publish_notice": in_meeting("HEPG", "409", method="post"),
    "consultation:open_meeting": in_meeting("H", "409", method="post"),
    "consultation:confirm_quorum": in_meeting("H", "on", method="post"),
    "consultation:close_meeting": in_meeting("H", "409", method="post"),
    "consultation:adjourn": in_meeting("H", "422", method="post"),
    "consultation:cancel": in_meeting("HEPG", "422", method="post"),
    "consultation:go_to_item": in_meeting("H", "409", method="post"),
    "consultation:check_in": in_meeting("KH", "422", method="post"),
    "consultation:undo_check_in": in_meeting("KH", "409", method="post"),
    "consultation:check_out": in_meeting("KH", "on", method="post"),
    "consultation:add_guest": in_meeting("KH", "422", method="post"),
    "consultation:guest_came": in_meeting("KH", "422", method="post"),
    "consultation:change_place": in_meeting("KH", "422", method="post"),
    "consultation:stand_at": in_meeting("KH", "422", method="post"),
    "consultation:substitutes": in_meeting("KH"),
    "consultation:substitute": in_meeting("KH"),
    # The world's meeting allows no grants.
    "consultation:proxies": in_meeting("RKHEPSGT", "409"),
    "consultation:end_proxy": in_meeting("RKHEPSGT", "409", method="post"),
    "consultation:kiosk": everybody("404"),  # no tablet of this meeting
    "consultation:kiosk_link": everybody("404"),  # no such link
    "consultation:kiosk_start": in_meeting("KH", method="post"),
    "consultation:kiosk_states": in_meeting("KH"),
    "consultation:kiosk_call": in_meeting("KH", "422", method="post"),
    "consultation:kiosk_take_back": in_meeting("KH", "422", method="post"),
    "consultation:kiosk_end": in_meeting("KH", "422", method="post"),
    "consultation:hand_over": in_meeting("HEPG", "422", method="post"),
    "consultation:table_motion": in_meeting("H", "422", method="post"),
    "consultation:open_motion": in_meeting("H", "409", method="post"),
    "consultation:close_motion": in_meeting("H", "on", method="post"),
    "consultation:pause_motion": in_meeting("H", "on", method="post"),
    "consultation:resume_motion": in_meeting("H", "409", method="post"),
    "consultation:settle": in_meeting("HS"),
    "consultation:decide_settling": in_meeting("HS", "404", method="post"),
    "consultation:correct_sheet": in_meeting("HS", "404", method="post"),
    "consultation:enter_hands": in_meeting("KH", "422", method="post"),
    "consultation:enter_papers": in_meeting("KH", "422", method="post"),
    "consultation:enter_belenios": in_meeting("KH", "422", method="post"),
    "consultation:belenios_voters": in_meeting("H", "409", method="post"),
    "consultation:tally_form": in_meeting("KH"),
    # The world's motion has no papers.
    "consultation:papers": in_meeting("KH", "422"),
    "consultation:paper_ballots": in_meeting("KH", "422"),
    "consultation:issue_paper": in_meeting("KH", "422", method="post"),
    "consultation:spoil_paper": in_meeting("KH", "422", method="post"),
    "consultation:return_paper": in_meeting("KH", "422", method="post"),
    # A random name; whose photo it is decides (tests/consultation/test_photos.py).
    "consultation:photo": Row(cells(V="sign-in"), cells(V="sign-in")),
    "consultation:motion_letter": in_meeting("KHEP", "404"),  # nothing of the world's is passed on
    "consultation:announce_result": in_meeting("H", "409", method="post"),
    "consultation:withdraw_motion": in_meeting("H", "409", method="post"),
    "consultation:table_runoff": in_meeting("H", "409", method="post"),
    "consultation:table_unvoted": in_meeting("KH", "422", method="post"),
    "consultation:conclude_item": in_meeting("KH", "422", method="post"),
    "consultation:mark_reserved": in_meeting("KH", "422", method="post"),
    "consultation:table_amendment": in_meeting("H", "422", method="post"),
    "consultation:settle_words": in_meeting("H", "409", method="post"),
    "consultation:practice_votes": in_meeting("H", "409", method="post"),
    "consultation:draft_minutes": in_meeting("KH", "409", method="post"),
    "consultation:edit_minutes": in_meeting("KH", "404"),  # none yet, here and below
    "consultation:check_minutes": in_meeting("S", "404", method="post"),
    "consultation:return_minutes": in_meeting("S", "404", method="post"),
    "consultation:excuse_signature": in_meeting("S", "404", method="post"),
    "consultation:sign_minutes": in_meeting("KH", "404", method="post"),
    "consultation:signed_page": in_meeting("KH", "404", method="post"),
    "consultation:add_to_minutes": in_meeting("KH", "404", method="post"),
    "consultation:decide_addendum": in_meeting("KHS", "404", method="post"),
    "consultation:publish_minutes": in_meeting("KH", "404", method="post"),
}
