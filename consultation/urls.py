"""/v/<village>/meetings/<number>/…: the village's slug and a number within it, never a primary key."""

from django.urls import path

from .views import calling, casting, console, electorate, meeting, minutes, papers, photos, sheets

app_name = "consultation"

M = "<slug:village>/meetings/<int:number>/"

urlpatterns = [
    # First, because a full hall asks for it hundreds of times a second.
    path(M + "motions/<int:motion>/cast/", casting.cast, name="cast"),
    path("<slug:village>/roll/electorate/", electorate.electorate, name="electorate"),
    path("<slug:village>/photos/<slug:token>/", photos.photo, name="photo"),
    path("<slug:village>/meetings/new/", calling.call, name="call"),
    path("<slug:village>/meetings/practice/", calling.start_practice, name="practice"),
    path(M, meeting.meeting, name="meeting"),
    path(M + "board/", meeting.board, name="board"),
    path(M + "hall/", meeting.hall, name="hall"),
    path(M + "notice/", meeting.notice, name="notice"),
    path(M + "sign-in-sheet/", meeting.sign_in_sheet, name="sign_in_sheet"),
    path(M + "guides/<slug:role>/", meeting.guide, name="guide"),
    path(M + "my-code/<int:entry>/", meeting.my_code, name="my_code"),
    path(M + "remote/<int:entry>/", meeting.attend_remotely, name="attend_remotely"),
    path(M + "arrive/<str:code>/", meeting.arrive, name="arrive"),
    path(M + "motions/<int:motion>/cast-for/", casting.cast_for, name="cast_for"),
    path(M + "console/", console.console, name="console"),
    path(M + "console/roster/", console.search_roster, name="search_roster"),
    path(M + "publish-notice/", calling.publish_notice, name="publish_notice"),
    path(M + "open/", console.open_meeting, name="open_meeting"),
    path(M + "confirm-quorum/", console.confirm_quorum, name="confirm_quorum"),
    path(M + "close/", console.close_meeting, name="close_meeting"),
    path(M + "adjourn/", console.adjourn, name="adjourn"),
    path(M + "cancel/", console.cancel, name="cancel"),
    path(M + "items/<int:item>/", console.go_to_item, name="go_to_item"),
    path(M + "check-in/", console.check_in, name="check_in"),
    path(M + "check-in/<int:entry>/undo/", console.undo_check_in, name="undo_check_in"),
    path(M + "check-in/<int:entry>/leave/", console.check_out, name="check_out"),
    path(M + "hand-over/", console.hand_over, name="hand_over"),
    path(M + "motions/new/", console.table_motion, name="table_motion"),
    path(M + "motions/<int:motion>/open/", console.open_motion, name="open_motion"),
    path(M + "motions/<int:motion>/close/", console.close_motion, name="close_motion"),
    path(M + "motions/<int:motion>/hands/", sheets.enter_hands, name="enter_hands"),
    path(M + "motions/<int:motion>/paper-sheet/", sheets.enter_papers, name="enter_papers"),
    path(M + "motions/<int:motion>/belenios/", sheets.enter_belenios, name="enter_belenios"),
    path(M + "motions/<int:motion>/belenios/voters/", sheets.belenios_voters, name="belenios_voters"),
    path(M + "motions/<int:motion>/tally-form/", sheets.tally_form, name="tally_form"),
    path(M + "motions/<int:motion>/papers/", papers.papers, name="papers"),
    path(M + "motions/<int:motion>/papers/issue/", papers.issue_paper, name="issue_paper"),
    path(M + "motions/<int:motion>/papers/spoil/", papers.spoil_paper, name="spoil_paper"),
    path(M + "motions/<int:motion>/papers/unused/", papers.return_paper, name="return_paper"),
    path(M + "motions/<int:motion>/paper-ballots/", papers.paper_ballots, name="paper_ballots"),
    path(M + "motions/<int:motion>/announce/", console.announce_result, name="announce_result"),
    path(M + "motions/<int:motion>/withdraw/", console.withdraw_motion, name="withdraw_motion"),
    path(M + "motions/<int:motion>/practice-votes/", console.practice_votes, name="practice_votes"),
    path(M + "minutes/", minutes.read, name="minutes"),
    path(M + "minutes/draft/", minutes.draft, name="draft_minutes"),
    path(M + "minutes/edit/", minutes.edit, name="edit_minutes"),
    path(M + "minutes/check/", minutes.check, name="check_minutes"),
    path(M + "minutes/return/", minutes.return_to_recorder, name="return_minutes"),
    path(M + "minutes/sign/", minutes.sign, name="sign_minutes"),
    path(M + "minutes/publish/", minutes.publish, name="publish_minutes"),
]
