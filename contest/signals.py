"""What makes ballots of a public vote look like they were not cast by people who chose; pure.

A hall of sixty that votes over one Wi-Fi in ten minutes, a family at one router, a thousand telephones behind one
address of a carrier are all people. So neither a full address nor a new account is a reason by itself. What people
never are is alike in many places at once: hence a place is odd for an entry when nearly all of its unknown voters name
it, far more than voters elsewhere do, and its ballots are held when the same entry has several such places. Accounts
that act for somebody on a village's roll were looked at by people or matched by name and number: their ballots are
never held for where they came from, and where a good part of a place's voters are such, the place is known.

Nothing here changes a ballot: `weigh` says how suspicious each is and why, again for all as more come in.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

HOLD = 100  # points from which on a ballot is held

# Codes of reasons, in the order in which they are told.
SHARED_DEVICE = "shared_device"
ODD_PLACE = "odd_place"
MANY_PLACES = "many_places"
CROWD = "crowd"
ODD_NETWORK = "odd_network"
BURST = "burst"
SAME_PICKS = "same_picks"
NEW_ACCOUNTS = "new_accounts"
REASONS = (SHARED_DEVICE, MANY_PLACES, CROWD, ODD_NETWORK, BURST, SAME_PICKS, ODD_PLACE, NEW_ACCOUNTS)

DEVICE_EXCESS = 3  # times the limit of a device from which on all its ballots are held, not only those beyond it
# Ballots of unknown voters before a place is looked at; while a campaign goes on, the second.
PLACE_FEWEST, PLACE_FEWEST_THEN = 5, 4
PLACE_SHARE = 0.75  # of them that name one entry
PLACE_CHANCE, PLACE_CHANCE_THEN = 1e-4, 1e-2  # how seldom that may happen by chance
# Odd places of one entry that make a campaign, or fewer with so many ballots: a village has a hall or two.
CAMPAIGN_PLACES, CAMPAIGN_BALLOTS = 6, 200
CROWD_MOST = 80  # unknown voters of one odd place
KNOWN_FEWEST, KNOWN_SHARE = 3, 0.2  # of a place's voters who are on a roll: then it is known
SAME_FEWEST, SAME_SHARE = 20, 0.1  # held ballots with one set of picks, and of all that a campaign has
SAME_SIZE = 3  # picks from which on a set tells something
YOUNG_MINUTES = 60
WINDOWS = ((600, 60), (3600, 150))  # seconds, and how many places must name one entry in them
BURST_CHANCE = 1e-6
PRIOR = 10.0  # ballots' worth of knowing nothing about an entry
SHARE_LEAST, SHARE_MOST = 0.02, 0.8

POINTS = {
    SHARED_DEVICE: 100,
    ODD_PLACE: 60,
    MANY_PLACES: 40,
    CROWD: 40,
    ODD_NETWORK: 100,
    BURST: 80,
    SAME_PICKS: 80,
    NEW_ACCOUNTS: 20,
}


@dataclass(frozen=True, slots=True)
class Cast:
    """One ballot: `at` in seconds, marks that are equal for equal things (empty: unknown), keys of entries picked.

    `age_under` is the smallest of 10, 60, 1440 and 10080 minutes that its account was younger than, None for older
    ones; `on_roll` whether the account acts for somebody on a roll.
    """

    id: int
    at: float
    device: str
    address: str
    network: str
    age_under: int | None
    on_roll: bool
    picks: frozenset[int]

    @property
    def is_young(self) -> bool:
        return self.age_under is not None and self.age_under <= YOUNG_MINUTES


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Points, why (codes, the weightiest first) and the mark it is to be looked at together with."""

    score: int
    reasons: tuple[str, ...]
    cluster: str

    @property
    def held(self) -> bool:
        return self.score >= HOLD


class _Notes:
    """What was noticed of each ballot; the first cluster named stays."""

    def __init__(self) -> None:
        self._reasons: defaultdict[int, set[str]] = defaultdict(set)
        self._cluster: dict[int, str] = {}

    def add(self, cast: Cast, reason: str, cluster: str) -> None:
        self._reasons[cast.id].add(reason)
        self._cluster.setdefault(cast.id, cluster)

    def score(self, cast_id: int) -> int:
        return sum(POINTS[one] for one in self._reasons.get(cast_id, ()))

    def told(self) -> dict[int, Suspicion]:
        return {
            key: Suspicion(self.score(key), tuple(one for one in REASONS if one in found), self._cluster[key])
            for key, found in self._reasons.items()
        }


def weigh(casts: Collection[Cast], *, per_device: int) -> dict[int, Suspicion]:
    """The ballots that anything was noticed of, by id. `per_device`: ballots of one device that are nothing special.

    The order of `casts` does not matter.
    """
    notes = _Notes()
    _devices(casts, per_device, notes)
    places = _by(casts, "address")
    shares = _shares(casts, places)
    campaigns = _places(places, shares, notes)
    _networks(casts, campaigns, notes)
    _bursts(casts, shares, notes)
    _same_picks(casts, campaigns, notes)
    for cast in casts:
        if cast.is_young and notes.score(cast.id):
            notes.add(cast, NEW_ACCOUNTS, "")
    return notes.told()


def _by(casts: Iterable[Cast], name: str) -> dict[str, list[Cast]]:
    found: defaultdict[str, list[Cast]] = defaultdict(list)
    for cast in casts:
        if value := getattr(cast, name):
            found[value].append(cast)
    return found


def _devices(casts: Iterable[Cast], per_device: int, notes: _Notes) -> None:
    for device, group in _by(casts, "device").items():
        if len(group) <= per_device:
            continue
        first = 0 if len(group) > DEVICE_EXCESS * per_device else per_device
        for cast in sorted(group, key=lambda one: (one.at, one.id))[first:]:
            notes.add(cast, SHARED_DEVICE, f"d-{device}")


def _shares(casts: Iterable[Cast], places: Mapping[str, list[Cast]]) -> dict[int, float]:
    """How many ballots in one name each entry, where nothing is strange: on rolls, at home, by older accounts."""
    crowded = {place for place, group in places.items() if sum(not one.on_roll for one in group) >= PLACE_FEWEST}
    named: Counter[int] = Counter()
    everywhere: set[int] = set()
    total = picks = 0
    for cast in casts:
        everywhere |= cast.picks
        if cast.on_roll or cast.address not in crowded:
            total += 1
            picks += len(cast.picks)
            named.update(cast.picks)
    even = picks / total / len(everywhere) if picks else 0.1
    return {
        entry: min(SHARE_MOST, max(SHARE_LEAST, (named[entry] + PRIOR * even) / (total + PRIOR)))
        for entry in everywhere
    }


def _chance(many: int, naming: int, share: float) -> float:
    """A bound (Chernoff) on the chance that so many of `many` name an entry that `share` of all do."""
    part = naming / many
    if part <= share:
        return 1.0
    apart = part * math.log(part / share)
    if part < 1:
        apart += (1 - part) * math.log((1 - part) / (1 - share))
    return math.exp(-many * apart)


def _is_known(group: Collection[Cast]) -> bool:
    known = sum(one.on_roll for one in group)
    return known >= KNOWN_FEWEST and known >= KNOWN_SHARE * len(group)


def _odd_entries(group: Collection[Cast], shares: Mapping[int, float]) -> dict[int, float]:
    """The entries that nearly all unknown voters of a place name, with the chance of it."""
    strangers = [one for one in group if not one.on_roll]
    if len(strangers) < PLACE_FEWEST_THEN or _is_known(group):
        return {}
    named = Counter(entry for one in strangers for entry in one.picks)
    return {
        entry: _chance(len(strangers), count, shares[entry])
        for entry, count in named.items()
        if count >= PLACE_FEWEST_THEN and count >= PLACE_SHARE * len(strangers)
    }


def _places(places: Mapping[str, list[Cast]], shares: Mapping[int, float], notes: _Notes) -> dict[int, set[str]]:
    """Note odd places; the odd places of each entry that has a campaign."""
    odd = {place: _odd_entries(group, shares) for place, group in places.items()}
    places_of: defaultdict[int, set[str]] = defaultdict(set)
    for place, entries in odd.items():
        for entry, chance in entries.items():
            if chance <= PLACE_CHANCE and sum(not one.on_roll for one in places[place]) >= PLACE_FEWEST:
                places_of[entry].add(place)
    campaigns = {
        entry: found
        for entry, found in places_of.items()
        if len(found) >= CAMPAIGN_PLACES or (len(found) > 1 and _naming(entry, found, places) > CAMPAIGN_BALLOTS)
    }
    for entry, found in places_of.items():
        less = {place for place, chances in odd.items() if chances.get(entry, 1) <= PLACE_CHANCE_THEN}
        for place in found | less if entry in campaigns else found:
            naming = [one for one in places[place] if not one.on_roll and entry in one.picks]
            for cast in naming:
                notes.add(cast, ODD_PLACE, f"a-{place}")
                if entry in campaigns:
                    notes.add(cast, MANY_PLACES, "")
                if len(naming) > CROWD_MOST:
                    notes.add(cast, CROWD, "")
    return campaigns


def _naming(entry: int, found: Iterable[str], places: Mapping[str, list[Cast]]) -> int:
    return sum(not one.on_roll and entry in one.picks for place in found for one in places[place])


def _networks(casts: Iterable[Cast], campaigns: Mapping[int, set[str]], notes: _Notes) -> None:
    """Beside a campaign's odd places, in the same network and for the same entry."""
    networks: defaultdict[int, set[str]] = defaultdict(set)
    for cast in casts:
        for entry in cast.picks & campaigns.keys():
            if cast.network and cast.address in campaigns[entry]:
                networks[entry].add(cast.network)
    for cast in casts:
        if cast.on_roll or not cast.is_young or notes.score(cast.id) >= HOLD:
            continue
        if any(cast.network in networks[entry] for entry in cast.picks & networks.keys()):
            notes.add(cast, ODD_NETWORK, f"n-{cast.network}")


def _bursts(casts: Iterable[Cast], shares: Mapping[int, float], notes: _Notes) -> None:
    """Nearly all new accounts of some minutes, in very many places, name one entry; few of its voters are known."""
    rest = [one for one in casts if notes.score(one.id) < HOLD]
    for seconds, fewest in WINDOWS:
        windows: defaultdict[int, list[Cast]] = defaultdict(list)
        for cast in rest:
            windows[int(cast.at // seconds)].append(cast)
        for window, group in windows.items():
            young = [one for one in group if one.is_young and not one.on_roll]
            everybody = len({one.address for one in young})
            if everybody < fewest:
                continue
            for entry in {entry for one in young for entry in one.picks}:
                naming = [one for one in young if entry in one.picks]
                count = len({one.address for one in naming})
                known = sum(one.on_roll and entry in one.picks for one in group)
                if count < fewest or count < PLACE_SHARE * everybody or known >= KNOWN_SHARE * (len(naming) + known):
                    continue
                if _chance(everybody, count, shares[entry]) <= BURST_CHANCE:
                    for cast in naming:
                        notes.add(cast, BURST, f"b-{window * seconds}")


def _same_picks(casts: Collection[Cast], campaigns: Mapping[int, set[str]], notes: _Notes) -> None:
    """The very set of picks that many held ballots of a campaign have, twice and more in one place, from new accounts.

    Once in a place it may be chance: some sets are popular.
    """
    held = Counter(one.picks for one in casts if notes.score(one.id) >= HOLD and one.picks & campaigns.keys())
    fewest = max(SAME_FEWEST, SAME_SHARE * held.total())
    alike: defaultdict[tuple[str, frozenset[int]], list[Cast]] = defaultdict(list)
    for cast in casts:
        if cast.on_roll or not cast.is_young or len(cast.picks) < SAME_SIZE or notes.score(cast.id) >= HOLD:
            continue
        if cast.address and held[cast.picks] >= fewest:
            alike[cast.address, cast.picks].append(cast)
    for (address, _picks), group in alike.items():
        for cast in group if len(group) > 1 else ():
            notes.add(cast, SAME_PICKS, f"a-{address}")
