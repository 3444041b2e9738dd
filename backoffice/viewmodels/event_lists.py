"""The stream of events as a partner's people look through it: one line each, and one opened with who was told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from backoffice.i18n import N_, gettext, ngettext, pgettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.events import Event
from backoffice.models.webhooks import Delivery, DeliveryState, EndpointStatus, WebhookEndpoint
from backoffice.viewmodels.deliveries import result, state_of
from backoffice.viewmodels.events import EventRow, event_row
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.webhook_endpoints import PLACE as HOOKS

PLACE = "/partner/developers/events"
REQUESTS = "/partner/developers/requests"
KEYS = "/partner/developers/keys"
KIND_WORDS = {
    "document": N_("Document"),
    "verification": N_("Verification"),
    "applicant": N_("Applicant"),
    "api_key": N_("API key"),
    "webhook_endpoint": N_("Webhook endpoint"),
    "review": N_("Review"),
    "partner": N_("Your company"),
    "export": N_("Export"),
    "invoice": N_("Invoice"),
    "alert": N_("Alert"),
}
FAMILY_WORDS = {
    "document": N_("Documents"),
    "verification": N_("Verifications"),
    "applicant": N_("Applicants"),
    "review": N_("Reviews"),
    "webhook_endpoint": N_("Webhooks"),
    "api_key": N_("API keys"),
}
"""Families with a tab of their own, in this order."""
ELSEWHERE = {"api_key": KEYS, "export": "/partner/exports", "invoice": "/partner/billing", "alert": "/partner/alerts"}
"""Pages of subjects that have none for each."""

FAILED = N_("{number} failed"), N_("{number} of {count} failed")
WAITING = N_("{number} waiting"), N_("{number} of {count} waiting")
"""Of the endpoints that an event was owed to: when there is one, and when there are several."""
DEAF = N_("does not listen to this type")
LATER = N_("was made later; Send missed on its page sends it")
OFF = N_("is switched off")
PAST = N_("was switched off then, or the event was for another one alone")
"""Why an endpoint was not told."""
SILENCES = {
    LATER: N_("Every endpoint that listens to this type was made later."),
    OFF: N_("Every endpoint that listens to this type is switched off."),
    PAST: N_("No endpoint that listens to this type was switched on then."),
}


@dataclass(frozen=True)
class EventLine:
    """One line of the list."""

    event: EventRow
    sequence: int
    told: str
    """How many endpoints were told, in words; empty where the viewer may not know."""
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True)
class ToldLine:
    """One endpoint that was, or was to be, told."""

    delivery_id: str
    endpoint: str
    endpoint_href: str
    log_href: str
    state: str
    attempts: str
    answer: str
    at: str
    """When it was taken; empty before."""
    next_at: str
    can_resend: bool


@dataclass(frozen=True)
class UntoldLine:
    """One endpoint that was not told, and why."""

    endpoint: str
    href: str
    why: str


@dataclass(frozen=True)
class EventView:
    """One event in full; without an id none is open."""

    id: str = ""
    missing: str = ""
    """The id that was asked for and names no event."""
    type: str = ""
    words: str = ""
    icon: str = ""
    tone: str = ""
    sentence: str = ""
    mode: str = ""
    at: str = ""
    kind: str = ""
    subject: str = ""
    href: str = ""
    """The subject's page; empty where there is none."""
    all_href: str = ""
    """The list narrowed to this subject."""
    sequence: int = 0
    before: str = ""
    before_href: str = ""
    after: str = ""
    after_href: str = ""
    request_id: str = ""
    request_href: str = ""
    body: str = ""
    withheld: str = ""
    """What the viewer lacks to read all of the body; empty where it is whole."""
    may_know: bool = False
    told: list[ToldLine] = field(default_factory=list)
    untold: list[UntoldLine] = field(default_factory=list)
    silence: str = ""
    """Why nobody was told; empty when somebody was."""


def event_line(event: Event, owed: Sequence[Delivery] | None) -> EventLine:
    """Show one line; None where the viewer may not see deliveries."""
    told, tone, icon = ("", "", "") if owed is None else _summary(owed)
    return EventLine(event_row(event), event.sequence, told, tone, icon)


def _summary(owed: Sequence[Delivery]) -> tuple[str, str, str]:
    """Say the worst first: what failed, what waits, what arrived."""
    if not owed:
        return gettext("Nobody"), "", "circle-dashed"
    states = [state_of(one) for one in owed]
    failing = sum(state in {"failed", DeliveryState.EXHAUSTED, DeliveryState.CANCELED} for state in states)
    waiting = states.count(DeliveryState.PENDING)
    if failing:
        return _part(failing, len(states), FAILED), "red", "circle-x"
    if waiting:
        return _part(waiting, len(states), WAITING), "blue", "loader"
    return ngettext("{count} told", "{count} told", len(states)), "green", "circle-check"


def _part(number: int, count: int, words: tuple[str, str]) -> str:
    """Say how many, and of how many where there are several."""
    alone, of_all = words
    return gettext(of_all, number=number, count=count) if count > 1 else gettext(alone, number=number)


def event_view(
    event: Event,
    body: Mapping[str, object],
    sentence: str,
    *,
    near: tuple[Event | None, Event | None],
    asked: Mapping[str, str],
) -> EventView:
    """Show one event with its neighbours about the same subject; `body` is what the API answers."""
    row = event_row(event)
    before, after = near
    mode = {"mode": asked["mode"]} if asked.get("mode") else {}
    return EventView(
        id=row.id,
        type=row.type,
        words=row.words,
        icon=row.icon,
        tone=row.tone,
        sentence=gettext(sentence),
        mode="live" if event.livemode else "test",
        at=row.at,
        kind=_kind(event.subject_type),
        subject=row.subject,
        href=row.href or ELSEWHERE.get(event.subject_type, ""),
        all_href=events_url(mode | {"subject": row.subject}),
        sequence=event.sequence,
        before=before.type if before else "",
        before_href=_open(before, asked),
        after=after.type if after else "",
        after_href=_open(after, asked),
        request_id=event.request_id,
        request_href=f"{REQUESTS}?{urlencode(mode | {'q': event.request_id})}" if event.request_id else "",
        body=json.dumps(body, indent=2, ensure_ascii=False),
    )


def _open(event: Event | None, asked: Mapping[str, str]) -> str:
    return events_url({**asked, "event": public_id(Prefix.EVENT, event.id)}) if event else ""


def told_line(delivery: Delivery, endpoint: WebhookEndpoint) -> ToldLine:
    """Show how one endpoint was told."""
    href = f"{HOOKS}/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    delivery_id = public_id(Prefix.DELIVERY, delivery.id)
    is_there = endpoint.deleted_at is None
    return ToldLine(
        delivery_id=delivery_id,
        endpoint=endpoint.description or endpoint.url,
        endpoint_href=href if is_there else "",
        log_href=f"{href}?delivery={delivery_id}" if is_there else "",
        state=state_of(delivery),
        attempts=ngettext("{count} attempt", "{count} attempts", delivery.attempts),
        answer=result(delivery.last_status, delivery.last_error) if delivery.attempts else "",
        at=iso(delivery.delivered_at),
        next_at=iso(delivery.next_attempt_at) if delivery.state == DeliveryState.PENDING else "",
        can_resend=is_there and endpoint.status == EndpointStatus.ENABLED,
    )


def untold_line(endpoint: WebhookEndpoint, event: Event) -> UntoldLine:
    """Say why an endpoint was not told."""
    href = f"{HOOKS}/{public_id(Prefix.WEBHOOK_ENDPOINT, endpoint.id)}"
    return UntoldLine(endpoint.description or endpoint.url, href, gettext(_why(endpoint, event)))


def _why(endpoint: WebhookEndpoint, event: Event) -> str:
    """Name the reason; an endpoint and the events of its mode are dated by the same clock."""
    if endpoint.event_types and event.type not in endpoint.event_types:
        return DEAF
    if endpoint.created_at > event.created_at:
        return LATER
    return OFF if endpoint.status != EndpointStatus.ENABLED else PAST


def silence(told: Sequence[ToldLine], untold: Sequence[UntoldLine]) -> str:
    """Say why nobody was told, by the reasons of those who listen to the type."""
    if told:
        return ""
    if not untold:
        return gettext("There is no endpoint in this mode.")
    reasons = {one.why for one in untold} - {gettext(DEAF)}
    if not reasons:
        return gettext("No endpoint listens to this type.")
    if len(reasons) > 1:
        return gettext("No endpoint that listens to this type could be told.")
    return next(gettext(words) for why, words in SILENCES.items() if gettext(why) in reasons)


def events_url(asked: Mapping[str, str]) -> str:
    """Write the address of a filtered list."""
    given = {name: value for name, value in asked.items() if value}
    return f"{PLACE}?{urlencode(given)}" if given else PLACE


def _kind(subject_type: str) -> str:
    return pgettext("kind", "Export") if subject_type == "export" else gettext(KIND_WORDS[subject_type])
