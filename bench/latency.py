"""From moments to percentiles."""

from collections import Counter
from collections.abc import Iterable, Sequence

from .sockets import Watcher

# Width of one bucket in seconds: millions of samples fit into some thousand buckets.
STEP = 0.0001


class Spread:
    """Samples in seconds, kept in buckets of 0.1 ms."""

    def __init__(self, samples: Iterable[float] = ()) -> None:
        self.buckets: Counter[int] = Counter()
        self.add(samples)

    def add(self, samples: Iterable[float]) -> None:
        self.buckets.update(max(0, int(sample / STEP)) for sample in samples)

    def __len__(self) -> int:
        return self.buckets.total()

    def percentile(self, share: float) -> float | None:
        """Milliseconds under which `share` (0–1) of the samples lie; None without samples."""
        left = share * len(self)
        for bucket in sorted(self.buckets):
            left -= self.buckets[bucket]
            if left <= 0:
                return (bucket + 0.5) * STEP * 1000
        return None

    def summary(self) -> dict[str, float | None]:
        """`{"p50": ms, "p99": ms}`"""
        return {
            name: None if (value := self.percentile(share)) is None else round(value, 1)
            for name, share in (("p50", 0.5), ("p99", 0.99))
        }


def until_every_screen(watchers: Iterable[Watcher], base: int, sent: Sequence[float]) -> Spread:
    """Seconds from sending a ballot until a screen showed it, for every ballot and screen.

    `sent` holds the sending times in the order of the ANSWERS; `base` is the count before.
    Ballot number k (from 1) is taken as shown by a screen's first frame with a count of at
    least base + k: which ballots a count holds is not in the frame, and a count of base + k
    holds as many as had been acknowledged by then. Ballots answered out of the order of
    their commits can so look a little faster than they were, at most by their overtaking.
    A ballot that a screen never showed gives no sample; those are counted elsewhere.
    """
    spread = Spread()
    for watcher in watchers:
        shown = 0
        for count, moment in watcher.seen:
            upto = min(count - base, len(sent))
            if upto > shown:
                spread.add(moment - start for start in sent[shown:upto])
                shown = upto
    return spread
