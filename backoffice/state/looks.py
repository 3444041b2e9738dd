"""What an operator who looks at a partner's workspace may do in it: open, read, filter, page. Nothing else.

A handler that is not named here is refused to whoever looks, also one that is new; and whatever a handler does, the
transactions of who looks write nothing (`Tenancy.is_read_only`).
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
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
PUBLIC_ID = re.compile(r"[a-z]{2,5}_[0-9a-z]{26}")
SOME = "[…]"
"""Stands for an id that is none."""
MOST_NOTED = 5_000
EVERYWHERE = SHARED | {
    f"{PARTNER}{name}" for name in ("bell", "numbers", "recovering", "replaying", "signature", "exports", "inviting")
}
"""What works on many pages and reads nothing of its own there; exports show an operator none."""
LIST = ("open", "refresh", "remove", "clear")
PARTNERS_READING: Mapping[str, tuple[str, ...]] = {
    "alert_rhythms": ("open", "refresh"),
    "alert_rules": ("open", "refresh", "reload", "close"),
    "alerts": ("open", "refresh", "more", "close"),
    "analytics": ("open", "refresh"),
    "approving": ("close",),
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
    "roles": ("open", "refresh", "close"),
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
        "backoffice.state.step_up.go_on",
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
_own: dict[tuple[str, ...], frozenset[str]] = {}
"""Of each page: the modules of the states that work on it."""
_noted: dict[tuple[UUID, str], float] = {}
"""Which pages were written down of whom, and when."""


def enter(token: str, place: str) -> None:
    """Remember where a tab that looks is sent when its look is over; another page of our people needs no sending."""
    if place:
        places[token] = place
    else:
        places.pop(token, None)


def belongs(path: str, handlers: Iterable[Callable[..., Any]]) -> None:
    """Note with which states a page opens; `routes.py` does it once for each page."""
    _own[pages.shape_of(path) or ()] = frozenset(handler.__module__ for handler in handlers) | EVERYWHERE


async def note(actor: Actor, path: str, handler: Callable[..., Any], payload: Mapping[str, Any]) -> None:
    """Write into the partner's trail what is opened: each page, once a minute, and the document beside a list.

    It is asked at each event, so that nobody reads a page without its being written down who opens it by hand: what is
    called under another page's address is written by its own name. Nothing that a client made up is written.
    """
    called, moment = _named(handler), time.monotonic()
    key = actor.viewing_id or UUID(int=0), _what(path, handler, payload)
    before = _noted.get(key)
    if before is not None and (called not in {PEEK, ENTER} or moment - before < QUIET_SECONDS):
        return
    async with transaction(actor.witness.tenancy) as session:
        await viewings.note_page(session, actor, key[1])
    if len(_noted) >= MOST_NOTED:
        _noted.clear()
    _noted[key] = moment


def _what(path: str, handler: Callable[..., Any], payload: Mapping[str, Any]) -> str:
    called, shape = _named(handler), pages.shape_of(path)
    asked = [part for part in path.split("/") if part]
    if called == PEEK:
        return PEEKED + _id_or(str(payload.get("document_id")))
    if shape is not None and is_partners(path) and handler.__module__ in _own.get(shape, EVERYWHERE):
        return "".join(
            f"/{_id_or(part) if want.startswith('[') else want}" for want, part in zip(shape, asked, strict=True)
        )
    last = _id_or(asked[-1]) if asked else SOME
    return called.removeprefix(PARTNER) + ("" if last == SOME else f" {last}")


def _id_or(text: str) -> str:
    return text if PUBLIC_ID.fullmatch(text) else SOME
