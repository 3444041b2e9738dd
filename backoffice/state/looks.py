"""What an operator who looks at a partner's workspace may do in it: open, read, filter, page. Nothing else.

A handler that is not named here is refused to whoever looks, also one that is new; and whatever a handler does, the
transactions of who looks write nothing (`Tenancy.is_read_only`).
"""

import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from backoffice.db import transaction
from backoffice.services import viewings
from backoffice.services.access import Actor
from backoffice.services.audiences import is_partners, pages

PARTNER = "backoffice.state.partner."
SHARED = frozenset(
    f"backoffice.state.{name}"
    for name in ("command_menu", "hotkeys", "notices", "sealing", "search", "session", "step_up")
)
"""States of every workspace: in the partners' they serve who looks, elsewhere the operator."""
PEEK, PEEKED = f"{PARTNER}peeking.peek", "/partner/documents/"
ENTER = "backoffice.state.session.enter"
QUIET_SECONDS = 60.0
MOST_LETTERS = 120
MOST_NOTED = 5_000
LIST = ("open", "refresh", "remove", "clear")
PARTNERS_READING: Mapping[str, tuple[str, ...]] = {
    "alert_rhythms": ("open", "refresh"),
    "alert_rules": ("open", "refresh", "reload", "close"),
    "alerts": ("open", "refresh", "more", "close"),
    "analytics": ("open", "refresh"),
    "audit": (*LIST, "more", "search", "span", "show"),
    "bell": ("open", "refresh", "look"),
    "billing": ("open", "refresh", "close"),
    "bulk": ("open", "close", "dismiss"),
    "dashboard": ("open", "pause", "show"),
    "docs": ("open", "leave"),
    "document": ("open", "refresh"),
    "documents": (*LIST, "search", "show_new"),
    "events": (*LIST, "search", "show_new", "show"),
    "evidence": ("open", "refresh"),
    "exports": ("open", "refresh", "close"),
    "inviting": ("open", "refresh", "close"),
    "keys": ("open", "refresh", "close"),
    "letters": ("open", "refresh"),
    "looks": ("open", "filters"),
    "numbers": ("join",),
    "peeking": ("peek", "refresh", "close"),
    "person": ("open",),
    "questions": ("open", "refresh"),
    "recovering": ("close",),
    "replaying": ("close",),
    "requests": (*LIST, "more", "search", "show"),
    "selecting": ("open", "select_none"),
    "settings": ("open", "refresh", "reload", "close"),
    "signature": ("close",),
    "single_sign_on": ("open", "refresh", "close"),
    "tagging": ("open",),
    "team": ("open", "refresh", "close"),
    "usage": ("open", "refresh"),
    "usage_records": ("open", "more", "remove", "clear"),
    "views": ("open", "refresh"),
    "webhook": ("open", "refresh", "close_delivery", "close"),
    "webhooks": ("open", "refresh", "close"),
}
READING = frozenset(
    {f"{PARTNER}{module}.{name}" for module, names in PARTNERS_READING.items() for name in names}
    | {
        "backoffice.state.command_menu.look",
        "backoffice.state.command_menu.forget",
        "backoffice.state.hotkeys.read",
        "backoffice.state.sealing.open",
        "backoffice.state.search.ask",
    }
)
"""Handlers by module and name."""


def is_partners_state(module: str) -> bool:
    """Answer whether a state belongs to the partners' workspace alone."""
    return module.startswith(PARTNER)


def is_reading(handler: Callable[..., Any]) -> bool:
    """Answer whether who looks may call a handler that is not open to everybody."""
    return _named(handler) in READING


def _named(handler: Callable[..., Any]) -> str:
    return f"{getattr(handler, '__module__', '')}.{getattr(handler, '__name__', '')}"


places: dict[str, str] = {}
"""Of the tabs that look in this process: the page of the console from which their partner was opened."""
_noted: dict[tuple[UUID, str], float] = {}
"""Which pages were written down of whom, and when."""


def enter(token: str, place: str) -> None:
    """Remember where a tab that looks is sent when its look is over; another page of our people needs no sending."""
    if place:
        places[token] = place
    else:
        places.pop(token, None)


async def note(actor: Actor, path: str, handler: Callable[..., Any], payload: Mapping[str, Any]) -> None:
    """Write into the partner's trail what is opened: each page, once a minute, and the document beside a list.

    It is asked at each event, so that nobody reads a page without its being written down who opens it by hand.
    """
    called = _named(handler)
    known = is_partners(path) and pages.audience_of(path) is not None
    page = path.rstrip("/") if known else called.removeprefix(PARTNER)
    if called == PEEK:
        page = f"{PEEKED}{payload.get('document_id')}"
    key, moment = (actor.viewing_id or UUID(int=0), page[:MOST_LETTERS]), time.monotonic()
    before = _noted.get(key)
    if before is not None and (called not in {PEEK, ENTER} or moment - before < QUIET_SECONDS):
        return
    if len(_noted) >= MOST_NOTED:
        _noted.clear()
    _noted[key] = moment
    async with transaction(actor.witness.tenancy) as session:
        await viewings.note_page(session, actor, key[1])
