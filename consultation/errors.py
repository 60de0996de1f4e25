"""Refusals of the meeting's rules, each with the code that docs/errors.md lists and a sentence for residents."""

from django.utils.translation import gettext_lazy as _


class MeetingError(Exception):
    """A rule says no. `code` is the machine's word, `message` one plain sentence that says what to do."""

    code = "wrong_state"
    message: object = _("现在不能这样做。")

    retry_after: int | None = None  # seconds after which the same may succeed

    def __init__(self, message: object = None, *, field: str | None = None) -> None:
        self.message = message or type(self).message
        self.field = field
        super().__init__(str(self.message))


class WrongState(MeetingError):
    pass


class Invalid(MeetingError):
    code = "invalid"


class NotAllowed(MeetingError):
    code = "forbidden"
    message = _("您没有权限做这件事。如果认为不对，请联系主持人。")


class SamePerson(MeetingError):
    code = "same_person"
    message = _("这一步要由另一个人来做，同一个人不能做两次。")


class Stale(MeetingError):
    code = "stale"
    message = _("别人刚刚改过这里。您写的还在，请核对后再保存一次。")


class NoticeTooShort(MeetingError):
    code = "invalid"


class NoQuorum(MeetingError):
    message = _("到会人数还不够，不能表决。")


class VotingError(MeetingError):
    """A ballot that was not accepted."""


class MotionNotOpen(VotingError):
    code = "poll_closed"
    message = _("这一项表决已经结束或者还没有开始，您的这一票没有计入。")


class NotEntitled(VotingError):
    code = "forbidden"
    message = _("名册上没有您（或者您代办的这一户），不能参加这一项表决。有疑问请找记录员。")


class NotCheckedIn(VotingError):
    code = "forbidden"
    message = _("您还没有签到。请到签到处签到，下一项表决就可以参加。")


class CameLate(NotCheckedIn):
    message = _("您签到时这一项已经开始表决，这一项不能投了。请等下一项，到时就可以投。")


class AlreadyVoted(VotingError):
    code = "already_voted"
    message = _("这一票已经投过了，每户（每人）只投一次。")


class HoldsPaper(AlreadyVoted):
    message = _("您已经领了纸票，请用纸票投。没有用的话，把纸票交回发票处，就可以用手机投。")


class KeyMissing(VotingError):
    code = "try_again"
    message = _("票箱的钥匙现在读不到，投票先停一下。您的选择还在，请过一会儿再按一次；工作人员请通知管理员。")
    retry_after = 10


class DatabaseBusy(VotingError):
    code = "try_again"
    message = _("系统正忙，刚才的操作没有记下。请过几秒再按一次，不会重复。")
    retry_after = 5


class TooManyHands(VotingError):
    code = "invalid"


class KeyStoreError(MeetingError):
    """A ballot key cannot be made, read or destroyed. `detail` is for the log and the operator, never for a page."""

    code = "try_again"
    message = _("票箱的锁现在打不开，您的这一票还没有投进去。请过一会儿再投一次；还不行，请告诉主持人。")

    retry_after = 10

    def __init__(self, message: object = None, *, detail: str = "") -> None:
        self.detail = detail
        super().__init__(message)


class RecordingRefused(MeetingError):
    """A recording that is not taken in: too_large or bad_type."""

    def __init__(self, code: str, message: object) -> None:
        self.code = code
        super().__init__(message, field="voice")


class PhotoRefused(MeetingError):
    """A picture that is not taken in: too_large, bad_type or refused_file."""

    def __init__(self, code: str, message: object) -> None:
        self.code = code
        super().__init__(message, field="photo")


class DocumentRefused(MeetingError):
    """A paper that is not taken in: too_large, bad_type or refused_file."""

    def __init__(self, code: str, message: object) -> None:
        self.code = code
        super().__init__(message, field="file")
