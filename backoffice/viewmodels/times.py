"""Times in words, as every screen says them."""

from datetime import datetime

from backoffice.i18n import N_, gettext

NOTHING = "-"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
UNITS = ((DAY, N_("{count} d")), (HOUR, N_("{count} h")), (MINUTE, N_("{count} min")))


def span(seconds: float) -> str:
    """Say a length of time in one short word: 41 s, 14 min, 3 h, 2 d."""
    whole = max(0, round(seconds))
    for size, words in UNITS:
        if whole >= size:
            return gettext(words, count=whole // size)
    return gettext("{count} s", count=whole)


def age(since: datetime | None, at: datetime) -> str:
    """Say how long ago something was."""
    return span((at - since).total_seconds()) if since else NOTHING


def due_in(due: datetime | None, at: datetime) -> str:
    """Say how soon something is due, or for how long it has been."""
    if due is None:
        return NOTHING
    seconds = (due - at).total_seconds()
    if seconds > 0:
        return gettext("in {time}", time=span(seconds))
    return gettext("{time} late", time=span(-seconds))


def iso(moment: datetime | None) -> str:
    """Write a moment for a `time` element."""
    return moment.isoformat().replace("+00:00", "Z") if moment else ""


def milliseconds(moment: datetime | None) -> float:
    """Write a moment as browsers count: milliseconds since 1970; 0 for none."""
    return moment.timestamp() * 1000 if moment else 0
