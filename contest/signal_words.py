"""The signals in plain words, for officers and for everybody."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import signals

WORDS = {
    signals.SHARED_DEVICE: gettext_lazy("同一台手机投了太多票"),
    signals.ODD_PLACE: gettext_lazy("同一个网络地址的陌生账号选得几乎一样"),
    signals.MANY_PLACES: gettext_lazy("这样的网络地址有很多个"),
    signals.CROWD: gettext_lazy("一个网络地址上的陌生账号特别多"),
    signals.ODD_NETWORK: gettext_lazy("和可疑的网络地址在同一网段"),
    signals.BURST: gettext_lazy("几分钟里从很多地方同时涌来"),
    signals.SAME_PICKS: gettext_lazy("选的和成批的可疑票一模一样"),
    signals.NEW_ACCOUNTS: gettext_lazy("账号是投票前一小时内才开的"),
}
KINDS = {
    "a": gettext_lazy("同一个网络地址"),
    "n": gettext_lazy("同一个网段"),
    "d": gettext_lazy("同一台手机"),
    "b": gettext_lazy("同一阵"),
}


def signals_in_words(counts: Mapping[str, int]) -> str:
    """ "同一台手机投了太多票（12）；…" for how many ballots each signal spoke of."""
    return "；".join(
        _("%(signal)s（%(count)s 张）") % {"signal": WORDS[code], "count": count}
        for code, count in counts.items()
        if code in WORDS
    )
