"""The gate that every event passes: who may, with which arguments, decided anew each time.

Every `@rx.event` of a State is an address that anybody can call by name over a raw socket, whatever page is open.
So a handler says who may call it, or nobody can; put the mark below `@rx.event`:

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)      # all of these; `@requires()` is anyone who is signed in
    async def approve(self, document_id: str): ...

    @rx.event
    @public                                     # also without a session
    async def show(self): ...
"""

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from logging import getLogger
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from reflex.event import Event, EventSpec
from reflex.istate.data import RouterData
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext

from backoffice.adapters import metrics
from backoffice.db import Tenancy, transaction
from backoffice.errors import SecretChanged
from backoffice.i18n import N_, gettext, speak
from backoffice.models.viewings import NOTHING_CHANGES
from backoffice.services import sessions, vault, viewings
from backoffice.services.access import Actor, Permission
from backoffice.services.audiences import (
    PUBLIC,
    SIGN_IN_PAGE,
    SIGNED_IN,
    Audience,
    home_of,
    is_partners,
    local_path,
    with_permissions,
)
from backoffice.services.refusals import refusals
from backoffice.services.sessions import (
    ADDRESS_HEADER,
    LANGUAGE_HEADER,
    MARK_HEADER,
    REFERENCE_HEADER,
    VIEWING_HEADER,
    Tab,
)
from backoffice.state import looks
from backoffice.state.arguments import arguments_of

log = getLogger(__name__)
Handler = TypeVar("Handler", bound=Callable[..., Any])

MARK = "__backoffice_audience__"
REFLEX_INTERNALS: dict[str, Audience] = {
    "hydrate": PUBLIC,
    "hydrate_and_load": PUBLIC,
    "on_load_internal": PUBLIC,
    "set_is_hydrated": PUBLIC,
    "handle_frontend_exception": SIGNED_IN,
}
"""What Reflex's own client sends; everything else of Reflex's own (`setvar`, `update_vars_internal`) stays shut."""
FRESH_SECONDS = 1.0
QUIET_SECONDS = 60.0
MAX_QUIET = 5_000
CONFIRMED_ELSEWHERE = N_("You confirmed who you are in another tab meanwhile. Press again.")
CANNOT_BE = N_("This page sent something that cannot be. Reload it.")


def public(handler: Handler) -> Handler:
    """Let everybody call a handler, also without a session."""
    setattr(handler, MARK, PUBLIC)
    return handler


def requires(*permissions: Permission) -> Callable[[Handler], Handler]:
    """Let members call a handler who have all of these permissions."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, MARK, with_permissions(*permissions))
        return handler

    return mark


def audience_of(function: Any) -> Audience | None:  # noqa: ANN401 a handler of any signature
    """Answer who may call a handler; None is nobody."""
    if str(getattr(function, "__module__", "")).startswith("reflex"):
        return REFLEX_INTERNALS.get(getattr(function, "__name__", ""))
    return getattr(function, MARK, None)


def audit_handlers() -> list[str]:
    """List the handlers of ours that say nothing about who may call them, or whose arguments cannot be checked."""
    guilty: list[str] = []
    for name, registered in RegistrationContext.get().event_handlers.items():
        function = registered.handler.fn
        if str(getattr(function, "__module__", "")).startswith("reflex"):
            continue
        if audience_of(function) is None:
            guilty.append(f"{name} has no audience")
            continue
        try:
            arguments_of(function)
        except TypeError as error:
            guilty.append(str(error))
    return guilty


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whom the gate has just let in, for the handler that runs next."""

    transaction_id: str
    actor: Actor
    at: float


_admitted: ContextVar[Admitted | None] = ContextVar("admitted", default=None)


def admitted_actor() -> Actor | None:
    """Answer the actor whom the gate found for this very event a moment ago."""
    found = _admitted.get()
    if found is None or time.monotonic() - found.at > FRESH_SECONDS:
        return None
    return found.actor if found.transaction_id == EventContext.get().txid else None


def reference_of(router_data: Mapping[str, Any]) -> UUID | None:
    """Read which session a tab belongs to: the socket's guard wrote it, and no client can."""
    text = router_data.get("headers", {}).get(REFERENCE_HEADER, "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def address_of(router_data: Mapping[str, Any]) -> str:
    """Read where a tab's socket comes from: the guard wrote it, too."""
    return str(router_data.get("headers", {}).get(ADDRESS_HEADER, "") or router_data.get("ip", ""))


def tab_of(router_data: Mapping[str, Any]) -> Tab | None:
    """Read what the handshake of a tab found of its session."""
    reference = reference_of(router_data)
    mark = str(router_data.get("headers", {}).get(MARK_HEADER, ""))
    return Tab(reference, mark, address_of(router_data)) if reference else None


def viewing_of(router_data: Mapping[str, Any]) -> UUID | None:
    """Read under which look at a partner's workspace a tab of our people was opened: the guard wrote it, too."""
    text = router_data.get("headers", {}).get(VIEWING_HEADER, "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def path_of(router_data: Mapping[str, Any]) -> str:
    """Read which page a tab says it shows, as handlers read it."""
    return RouterData.from_router_data(dict(router_data)).url.path


def language_of(router_data: Mapping[str, Any]) -> str:
    """Read in which language a tab is: the guard wrote it, for who has screens in several."""
    return str(router_data.get("headers", {}).get(LANGUAGE_HEADER, ""))


async def actor_behind(router_data: Mapping[str, Any], module: str, *, is_active: bool) -> Actor | None:
    """Read the tab's session again and say who acts in a state of this module.

    In the partners' workspace one of our people is who looks, for as long as that look lasts, and elsewhere themselves.
    Raises SecretChanged for a tab that was opened under a secret from before.
    """
    tab = tab_of(router_data)
    if tab is None:
        return None
    async with transaction(Tenancy.everyone()) as session:
        actor = await sessions.actor_in(session, tab, is_active=is_active)
        if actor is None or not actor.is_staff or not _is_partners(module, router_data):
            return actor
        viewing_id = viewing_of(router_data)
        return (await viewings.looking(session, actor, viewing_id) if viewing_id else None) or actor


def _is_partners(module: str, router_data: Mapping[str, Any]) -> bool:
    """Answer whether a state works in the partners' workspace; those of every workspace work where the tab is."""
    if looks.is_partners_state(module):
        return True
    return module in looks.SHARED and is_partners(path_of(router_data))


def sign_in_url(router_data: Mapping[str, Any]) -> str:
    """Say where to sign in and come back from."""
    asked = local_path(str(router_data.get("asPath", "")), "")
    return f"{SIGN_IN_PAGE}?{urlencode({'next': asked})}" if asked else SIGN_IN_PAGE


class EventGate(Middleware):
    """Runs before every event, also chained and background ones, under the lock of the tab's state."""

    def __init__(self, say: Callable[[str], EventSpec]) -> None:
        self._say = say
        self._told: dict[tuple[str, str], float] = {}

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 Reflex's signature
        """Let the event pass (None), or answer it with a redirect or a notice."""
        router_data = state._get_root_state().router_data  # noqa: SLF001 a substate's copy may be older
        speak(language_of(router_data))
        try:
            return await self._judge(event, router_data)
        except SecretChanged:
            return None if self._is_told(event) else self._hold(event)

    async def _judge(self, event: Event, router_data: Mapping[str, Any]) -> StateUpdate | None:
        function = RegistrationContext.get().event_handlers[event.name].handler.fn
        audience = audience_of(function)
        module = str(getattr(function, "__module__", ""))
        actor = await actor_behind(router_data, module, is_active=bool(event.router_data))
        if actor is None and (reference_of(router_data) or audience is None or not audience.is_public):
            return self._leave(event, router_data)
        if audience is None or not audience.admits(actor):
            return await self._refuse(event, actor, "permission", _sentence(audience, actor))
        if actor is not None and actor.is_staff and looks.is_partners_state(module):
            return _turn_away(actor)
        is_looking = actor is not None and actor.is_looking
        if is_looking and not audience.is_public and not looks.is_reading(function):
            return await self._refuse(event, actor, "read_only", gettext(NOTHING_CHANGES))
        arguments = arguments_of(function)
        arguments.tidy(event.payload)
        if not arguments.accept(event.payload):
            return await self._refuse(event, actor, "arguments", gettext(CANNOT_BE))
        if actor is not None and actor.is_looking:
            await looks.note(actor, path_of(router_data), function, event.payload)
        if actor is not None:
            _admitted.set(Admitted(EventContext.get().txid, actor, time.monotonic()))
        vault.opened.set(set())
        return None

    def _leave(self, event: Event, router_data: Mapping[str, Any]) -> StateUpdate:
        """Send a tab whose session has ended, or never was, to the sign-in.

        A live message to a tab whose state was taken finds neither page nor session: that tab is about to begin anew.
        """
        if not router_data and not event.router_data:
            return StateUpdate()
        metrics.denied.labels("signed_out").inc()
        if self._is_news("-", event.name):
            log.info("event_refused", extra={"event_name": event.name, "reason": "signed_out"})
        return StateUpdate(events=Event.from_event_type(rx.redirect(sign_in_url(router_data))))

    def _is_told(self, event: Event) -> bool:
        """Know the sentence of a handler that a step-up stopped half-way: it reaches its tab before the pass does."""
        if event.router_data:
            return False
        told = Event.from_event_type(self._say(gettext(CONFIRMED_ELSEWHERE)))
        return [(one.name, one.payload) for one in told] == [(event.name, event.payload)]

    def _hold(self, event: Event) -> StateUpdate:
        """Do nothing for a tab from before a step-up: it shows the new secret, or the door cuts it."""
        metrics.denied.labels("secret_changed").inc()
        if self._is_news("-", event.name):
            log.info("event_refused", extra={"event_name": event.name, "reason": "secret_changed"})
        return StateUpdate()

    async def _refuse(self, event: Event, actor: Actor | None, reason: str, sentence: str) -> StateUpdate:
        """Say no, log it once a minute, write it down, and tell the person if a person asked."""
        metrics.denied.labels(reason).inc()
        who = str(actor.session_id) if actor else "-"
        if self._is_news(who, event.name):
            log.warning("event_refused", extra={"event_name": event.name, "reason": reason, "session_id": who})
        if actor is not None:
            changes: dict[str, object] = {"event": event.name, "reason": reason}
            await refusals.note(actor, "event.refused", changes, apart=f"{who} {event.name}")
        if not event.router_data:
            return StateUpdate()
        return StateUpdate(events=Event.from_event_type(self._say(sentence)))

    def _is_news(self, who: str, name: str) -> bool:
        """Answer once a minute per session and event, so that nobody fills logs by asking again."""
        moment, key = time.monotonic(), (who, name)
        if moment - self._told.get(key, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        if len(self._told) >= MAX_QUIET:
            self._told.clear()
        self._told[key] = moment
        return True


def _turn_away(actor: Actor) -> StateUpdate:
    """Send one of our people home who looks at no partner, or does so no more: they act in no partner's workspace."""
    metrics.denied.labels("not_looking").inc()
    return StateUpdate(events=Event.from_event_type(rx.redirect(home_of(actor))))


def _sentence(audience: Audience | None, actor: Actor | None) -> str:
    return audience.refusal(actor) if audience and actor else gettext("This cannot be done.")
