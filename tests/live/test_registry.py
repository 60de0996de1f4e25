"""Sockets without a server: a phone that stops taking its frames never makes another wait (trap 7)."""

import asyncio

import pytest

from consultation.live.registry import STALLED, Room, Socket

pytestmark = pytest.mark.asyncio


class Phone:
    """The far end: takes what is sent, or holds it until it is let go."""

    def __init__(self, *, slow=False):
        self.taken = []
        self.free = asyncio.Event()
        if not slow:
            self.free.set()

    async def send(self, message):
        await self.free.wait()
        self.taken.append(message.get("text", message.get("code")))


class GonePhone(Phone):
    async def send(self, message):
        raise OSError("connection lost")


def socket_of(phone, language="zh-hans"):
    return Socket(phone.send, user_id=1, language=language)


async def settle():
    for _turn in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def room():
    return Room(1)


def entering(room, *phones):
    sockets = [socket_of(phone) for phone in phones]
    room.sockets.update(sockets)
    return sockets


async def test_a_phone_that_takes_nothing_delays_nobody(room):
    slow, *others = Phone(slow=True), *(Phone() for _ in range(20))
    entering(room, slow, *others)
    for number in range(50):
        room.fan_out(str(number))
        await settle()
    assert slow.taken == []
    assert [phone.taken for phone in others] == [[str(number) for number in range(50)]] * 20


async def test_a_slow_phone_gets_the_latest_and_not_a_queue(room):
    slow = Phone(slow=True)
    entering(room, slow)
    for number in range(1000):
        room.fan_out(str(number))
        await settle()
    slow.free.set()
    await settle()
    assert slow.taken == ["0", "999"]


async def test_a_board_goes_before_the_numbers_and_replaces_older_ones(room):
    slow = Phone(slow=True)
    (socket,) = entering(room, slow)
    socket.offer_board("board 1")
    await settle()
    socket.offer("numbers of board 1")
    socket.offer_board("board 2")
    socket.offer_board("board 3")
    socket.offer("numbers of board 3")
    slow.free.set()
    await settle()
    assert slow.taken == ["board 1", "board 3", "numbers of board 3"]


async def test_each_language_gets_its_board_and_a_newcomer_is_one_no_longer(room):
    phones = {"zh-hans": Phone(), "en": Phone()}
    sockets = {language: socket_of(phone, language) for language, phone in phones.items()}
    room.sockets.update(sockets.values())
    room.newcomers.update(sockets.values())
    room.show_board({"zh-hans": "会场"}, room.newcomers)
    await settle()
    assert {language: phone.taken for language, phone in phones.items()} == {"zh-hans": ["会场"], "en": []}
    assert room.newcomers == {sockets["en"]}


async def test_a_phone_that_is_gone_disturbs_nobody(room):
    good = Phone()
    gone, _ = entering(room, GonePhone(), good)
    for number in range(3):
        room.fan_out(str(number))
        await settle()
    gone.close(4403)
    await settle()
    assert good.taken == ["0", "1", "2"]


async def test_after_closing_nothing_is_sent(room):
    phone = Phone()
    (socket,) = entering(room, phone)
    socket.close(4403)
    socket.offer("numbers")
    socket.offer_board("board")
    await settle()
    assert phone.taken == [4403]


async def test_only_who_leaves_a_frame_untaken_for_long_has_stalled(room):
    slow, good = Phone(slow=True), Phone()
    stuck, taking = entering(room, slow, good)
    room.fan_out("numbers")
    await settle()
    room.fan_out("more numbers")
    await settle()
    assert (stuck.stalled, taking.stalled) == (False, False)
    stuck._since -= STALLED + 1  # as if it had been waiting for so long
    assert (stuck.stalled, taking.stalled) == (True, False)
    slow.free.set()
    await settle()
    assert stuck.stalled is False
