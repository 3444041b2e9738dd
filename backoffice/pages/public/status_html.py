"""How we do, as plain HTML: five words, ninety days of bars, and the same days in words; no script is needed."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from backoffice.api.status_board import Report
from backoffice.i18n import N_, gettext, number
from backoffice.i18n.dates import day_words, moment_words
from backoffice.models.status_samples import KEPT_DAYS, LEVELS, Component, DayStatus, ServiceStatus
from backoffice.pages.public.sign_in_html import page, said

S = ServiceStatus
NAMES = {
    Component.API: (N_("API"), N_("Taking in documents and questions of your servers")),
    Component.SCREENING: (N_("Screening"), N_("Reading and checking what came in")),
    Component.REVIEWS: (N_("Reviews"), N_("Decisions by people, and making them final")),
    Component.WEBHOOKS: (N_("Webhooks"), N_("Telling your servers what happened")),
    Component.LIVE: (N_("Live updates"), N_("The workspace, and pages that change by themselves")),
}
WORDS = {
    S.WORKING: (N_("Working"), N_("does what it should")),
    S.SLOW: (N_("Slow"), N_("does it, later than usual")),
    S.DISTURBED: (N_("Disturbed"), N_("a part of it fails")),
    S.DOWN: (N_("Down"), N_("does not work")),
    S.UNKNOWN: (N_("Cannot tell"), N_("the measurement gets no answer")),
}
HEADLINES = {
    S.WORKING: N_("Everything works"),
    S.SLOW: N_("Some of it is slow"),
    S.DISTURBED: N_("Some of it is disturbed"),
    S.DOWN: N_("Some of it is down"),
    S.UNKNOWN: N_("We cannot tell everything right now"),
}
ICONS = {
    S.WORKING: '<circle cx="8" cy="8" r="7"/><path d="m5 8.2 2 2 4-4.4"/>',
    S.SLOW: '<circle cx="8" cy="8" r="7"/><path d="M8 4v4l2.5 2"/>',
    S.DISTURBED: '<path d="M8 1.5 15 14H1z"/><path d="M8 6v3.5M8 11.5v.5"/>',
    S.DOWN: '<circle cx="8" cy="8" r="7"/><path d="m5.5 5.5 5 5m0-5-5 5"/>',
    S.UNKNOWN: '<circle cx="8" cy="8" r="7"/><path d="M6 6.2a2 2 0 1 1 2.6 2c-.4.2-.6.5-.6 1M8 11.5v.3"/>',
}
STEP, BAR, HIGH, LEAST = 4, 3, 32, 5
HATCH = (
    '<svg width="0" height="0" aria-hidden="true" class="hatch"><defs>'
    '<pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="4" height="4" class="hatch-ground"/><rect width="2" height="4" class="hatch-line"/>'
    "</pattern></defs></svg>"
)


def status_page(report: Report, *, fonts: str = "") -> str:
    """Show the whole page."""
    parts = "".join(_component(report, component) for component in Component)
    worst = report.worst
    body = f"""{HATCH}<div data-testid="status-page" data-status="{worst}">
<h1>{said("Service status")}</h1>
<p class="overall {worst}">{_icon(worst)}<strong>{said(HEADLINES[worst])}</strong></p>
<p class="hint">{_checked(report)} <a href="/status">{said("Look again")}</a></p>
<ul class="parts">{parts}</ul>
{_legend()}
</div>"""
    return page(gettext("Service status"), body, fonts, wide="status.css")


def _checked(report: Report) -> str:
    moment = (
        f'<time datetime="{report.checked_at.isoformat(timespec="seconds")}">{moment_words(report.checked_at)}</time>'
    )
    return said("Checked on {moment}.", moment=moment)


def _icon(status: ServiceStatus) -> str:
    return f'<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{ICONS[status]}</svg>'


def _component(report: Report, component: Component) -> str:
    status, (name, about) = report.known[component], NAMES[component]
    days = report.history[component] if report.history else None
    badge = f'<span class="badge {status}">{_icon(status)}{said(WORDS[status][0])}</span>'
    unread = f'<p class="hint">{said("The last days cannot be read right now.")}</p>'
    return f"""<li class="part" data-testid="status-{component}" data-status="{status}">
<div class="part-head"><h2>{said(name)}</h2>{badge}</div>
<p class="hint">{said(about)}</p>
{_days(name, days) if days else unread}
</li>"""


def _days(name: str, days: Sequence[DayStatus]) -> str:
    told = _share(days)
    label = said("{name}, the last {days} days", name=said(name), days=str(KEPT_DAYS))
    bars = "".join(_bar(place, day) for place, day in enumerate(days))
    spans = "".join(f"<li>{line}</li>" for line in _in_words(days))
    return f"""<svg class="days" viewBox="0 0 {len(days) * STEP - 1} {HIGH}" preserveAspectRatio="none" role="img" aria-label="{label}: {told}">{bars}</svg>
<div class="axis" aria-hidden="true"><span>{day_words(days[0].day)}</span><span>{said("Today")}</span></div>
<p class="hint">{told}</p>
<details><summary>{said("These days in words")}<span class="unseen">: {said(name)}</span></summary><ul class="lines">{spans}</ul></details>"""  # noqa: E501 one element a line


def _share(days: Sequence[DayStatus]) -> str:
    """Say how much of what was measured was well, and how much was measured at all."""
    slots, measured = sum(day.slots for day in days), sum(day.measured for day in days)
    if not measured:
        return said("Nothing was measured yet.")
    good = sum(day.counts.get(S.WORKING, 0) for day in days)
    return said(
        "Working in {good} of what was measured; measured in {measured} of the time.",
        good=_percent(min(good, measured), measured),
        measured=_percent(measured, slots),
    )


def _bar(place: int, day: DayStatus) -> str:
    """Draw a day from the bottom up, the worst first; what was not measured stays empty."""
    parts, top = [f'<rect class="s-none" x="{place * STEP}" y="0" width="{BAR}" height="{HIGH}"/>'], float(HIGH)
    bad = {status: max(float(LEAST), HIGH * day.counts[status] / day.slots) for status in _bad(day)}
    room = max(HIGH * day.measured / day.slots, sum(bad.values()))
    good = room - sum(bad.values()) if S.WORKING in day.counts else 0.0
    for status, height in (*bad.items(), (S.WORKING, good)):
        tall = min(height, top)
        top -= tall
        if tall > 0:
            parts.append(
                f'<rect class="s-{status}" x="{place * STEP}" y="{top:.2f}" width="{BAR}" height="{tall:.2f}"/>'
            )
    return f"<g><title>{day_words(day.day)}: {_says(day)}</title>{''.join(parts)}</g>"


def _bad(day: DayStatus) -> Iterator[ServiceStatus]:
    return (status for status in reversed(LEVELS[1:]) if day.counts.get(status))


def _says(day: DayStatus) -> str:
    """Say a day in words, the worst first."""
    told = [(status, day.counts[status]) for status in (*_bad(day), S.WORKING) if day.counts.get(status)]
    words = [f"{said(WORDS[status][0]).lower()} {_percent(count, day.slots)}" for status, count in told]
    if missing := day.slots - day.measured:
        words.append(f"{said('no data')} {_percent(missing, day.slots)}")
    return ", ".join(words)


def _in_words(days: Sequence[DayStatus]) -> Iterator[str]:
    """List the days, the newest first; those that are the same stand together."""
    for told, group in groupby(reversed(days), key=_says):
        same = list(group)
        first, last = day_words(same[-1].day), day_words(same[0].day)
        yield f"{first if first == last else said('{first} to {last}', first=first, last=last)}: {told}"


def _percent(count: int, whole: int) -> str:
    """Never round to all or to nothing."""
    share = 100 * count / whole
    shown = round(share, 1) if share in {0.0, 100.0} else min(99.9, max(0.1, round(share, 1)))
    return f"{number(int(shown) if shown == int(shown) else shown)}\N{NO-BREAK SPACE}%"


def _legend() -> str:
    shown = [(f"s-{status}", said(name), said(about)) for status, (name, about) in WORDS.items() if status in LEVELS]
    shown.append(("s-none", said("No data"), said("nobody measured, or the measurement got no answer")))
    swatch = '<svg width="12" height="12" aria-hidden="true"><rect class="{}" width="12" height="12"/></svg>'
    items = "".join(f"<li>{swatch.format(look)}<span><b>{name}</b>: {about}</span></li>" for look, name, about in shown)
    told = said(
        "Each bar is a day in UTC, measured every minute; the worst of five minutes counts. The height of a colour is its part of the day."  # noqa: E501
    )
    return f'<section class="legend" aria-label="{said("Legend")}"><ul>{items}</ul><p class="hint">{told}</p></section>'
