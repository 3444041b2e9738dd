"""What a measurement means: one word for each thing that a partner cares about; plain values in, a word out."""

from collections.abc import Callable, Mapping

from backoffice.models.status_samples import LEVELS, Component, ServiceStatus
from backoffice.services.status_facts import FEWEST, Facts, Queue, Share

S = ServiceStatus
SILENT_SECONDS = 60.0
"""A worker says something every five seconds; after this long there is none."""
LATE_SECONDS, VERY_LATE_SECONDS = 60.0, 600.0
SLOW_ANSWER_SECONDS = 0.5
SLOW_REQUEST_SECONDS = 2.0
SLOW_LIVE_SECONDS = 0.15
"""It answers in a millisecond; after a quarter of a second nobody waits for it any more."""
SOME_FAIL, MOST_FAIL = 0.05, 0.5
MANY_LATE = 0.25


def states(facts: Facts) -> dict[Component, ServiceStatus]:
    """Say of each component how it does."""
    return {component: says(facts) for component, says in SAYS.items()}


def worst(known: Mapping[Component, ServiceStatus]) -> ServiceStatus:
    """Say how all of it does: as its worst part; what nobody can tell is told when nothing else is wrong."""
    bad = [LEVELS.index(one) for one in known.values() if one in LEVELS]
    found = LEVELS[max(bad)] if bad else S.UNKNOWN
    return S.UNKNOWN if found == S.WORKING and S.UNKNOWN in known.values() else found


def _api(facts: Facts) -> ServiceStatus:
    """Without the database nothing can be taken in; without the storage no document can."""
    if facts.database_seconds is None:
        return S.DOWN
    failing = _failing(facts.requests)
    if facts.storage_seconds is None:
        return S.DOWN if failing == S.DOWN else S.DISTURBED
    if failing != S.WORKING:
        return failing
    took = facts.requests.seconds if facts.requests and facts.requests.count >= FEWEST else 0.0
    is_slow = facts.database_seconds > SLOW_ANSWER_SECONDS or took > SLOW_REQUEST_SECONDS
    return S.SLOW if is_slow else S.WORKING


def _screening(facts: Facts) -> ServiceStatus:
    late = _behind(facts.queue, lambda queue: queue.screening_seconds)
    if late in {S.DOWN, S.UNKNOWN}:
        return late
    return S.DISTURBED if _failing(facts.checks) != S.WORKING else late


def _reviews(facts: Facts) -> ServiceStatus:
    late = _behind(facts.queue, lambda queue: queue.reviews_seconds)
    if late != S.WORKING:
        return late
    if facts.reviews is None:
        return S.UNKNOWN
    return S.SLOW if facts.reviews.bad > facts.reviews.count * MANY_LATE else S.WORKING


def _webhooks(facts: Facts) -> ServiceStatus:
    seconds = facts.deliveries_seconds
    late = _behind(facts.queue, lambda _: seconds or 0.0)
    return S.UNKNOWN if seconds is None and late == S.WORKING else late


def _live(facts: Facts) -> ServiceStatus:
    """Pages get what changes over Redis, and remember in it what they show."""
    if facts.live_seconds is None:
        return S.DOWN
    return S.SLOW if facts.live_seconds > SLOW_LIVE_SECONDS else S.WORKING


SAYS: Mapping[Component, Callable[[Facts], ServiceStatus]] = {
    Component.API: _api,
    Component.SCREENING: _screening,
    Component.REVIEWS: _reviews,
    Component.WEBHOOKS: _webhooks,
    Component.LIVE: _live,
}


def _behind(queue: Queue | None, seconds: Callable[[Queue], float]) -> ServiceStatus:
    """Say how far behind workers are; without one nothing happens."""
    if queue is None:
        return S.UNKNOWN
    if queue.silent_seconds is None or queue.silent_seconds > SILENT_SECONDS:
        return S.DOWN
    late = seconds(queue)
    if late > VERY_LATE_SECONDS:
        return S.DISTURBED
    return S.SLOW if late > LATE_SECONDS else S.WORKING


def _failing(share: Share | None) -> ServiceStatus:
    """Say how much fails; too few, or none that could be read, say nothing bad."""
    if share is None or share.count < FEWEST:
        return S.WORKING
    if share.bad > share.count * MOST_FAIL:
        return S.DOWN
    return S.DISTURBED if share.bad > share.count * SOME_FAIL else S.WORKING
