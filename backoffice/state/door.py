"""The socket's own door: knows whose sockets are open here, slows down floods, and closes what must end."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from logging import getLogger
from typing import Any, TypeGuard
from urllib.parse import parse_qs
from uuid import UUID

import reflex as rx
from reflex.app import EventNamespace
from reflex.event import Event
from reflex.state import StateUpdate
from reflex.utils.token_manager import RedisTokenManager, SocketRecord
from reflex_base.constants import CompileVars
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.registry import RegistrationContext

from backoffice.adapters import live, metrics, shown
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError
from backoffice.services import sessions, tab_passes, viewings
from backoffice.services.audiences import SIGN_IN_PAGE
from backoffice.services.sessions import ADDRESS_HEADER, MARK_HEADER, REFERENCE_HEADER, VIEWING_HEADER, Tab
from backoffice.state import looks
from backoffice.state.live import Hub
from backoffice.state.step_up import StepUpState

log = getLogger(__name__)

GO_ON = f"{StepUpState.get_full_name()}.go_on"
SECURITY = "security"
"""Live messages of this kind say that a company changed who may come in."""
EVENTS_PER_SECOND = 50.0
BURST = 100.0
PARTING_SECONDS = 1.0
RENEWAL_SECONDS = 5.0
"""How long a tab has to show that its browser knows the new secret of its session; until then it can do nothing."""
LONGEST_PASS = 200
"""Characters; a real one has sixty-odd."""
FAILED_SECONDS = 1.0
"""How long a socket's passes are left unread after one that was none: who guesses gets no work done."""
SWEEP_SECONDS = 10.0
"""Idle and over-long sessions, and those whose end Redis did not tell, lose their sockets within this time."""


@dataclass(slots=True)
class Bucket:
    """Lets a burst through and then a steady flow; what is over waits, so a flood slows itself and nothing is lost."""

    filled: float = BURST
    at: float = field(default_factory=time.monotonic)

    async def take(self) -> None:
        """Wait for one more event's turn."""
        moment = time.monotonic()
        self.filled = min(BURST, self.filled + (moment - self.at) * EVENTS_PER_SECOND) - 1
        self.at = moment
        if self.filled < 0:
            await asyncio.sleep(-self.filled / EVENTS_PER_SECOND)


@dataclass(slots=True)
class Socket:
    """One open tab."""

    session_id: UUID | None
    address: str
    bucket: Bucket
    viewing_id: UUID | None = None
    """Under which look at a partner's workspace it was opened."""
    mark: str = ""
    """Which secret of its session its browser has shown."""
    failed_at: float = field(default=-FAILED_SECONDS)
    """When it last sent a pass that was none."""

    @property
    def tab(self) -> Tab | None:
        """What is known of its session."""
        return Tab(self.session_id, self.mark, self.address) if self.session_id else None


class Door(EventNamespace):
    """Reflex's socket namespace with our rules at its entry."""

    def __init__(self, namespace: str, app: rx.App) -> None:
        super().__init__(namespace, app)
        self.sockets: dict[str, Socket] = {}
        self._of_session: defaultdict[UUID, set[str]] = defaultdict(set)
        self._buckets: dict[tuple[str, str], Bucket] = {}

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        """Note whose socket this is before anything is done for it."""
        scope = environ.get("asgi.scope", {})
        told = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", ())}
        text, address = told.get(REFERENCE_HEADER, ""), told.get(ADDRESS_HEADER, "")
        session_id = UUID(text) if text else None
        viewing = told.get(VIEWING_HEADER, "")
        look, mark = UUID(viewing) if viewing else None, told.get(MARK_HEADER, "")
        self.sockets[sid] = Socket(session_id, address, self._bucket(session_id, address, mark), look, mark)
        if session_id:
            self._of_session[session_id].add(sid)
        metrics.open_sockets.set(len(self.sockets))
        try:
            if _is_return(auth):
                await self._take_over(sid, environ)
            await super().on_connect(sid, environ, auth)
        except BaseException:
            self._forget(sid)
            raise

    def _bucket(self, session_id: UUID | None, address: str, mark: str) -> Bucket:
        """Find who shares a pace: the tabs of a session under one secret, so no thief spends that of its owner."""
        return self._buckets.setdefault((str(session_id or address), mark), Bucket())

    async def _take_over(self, sid: str, environ: dict[str, Any]) -> None:
        """Give a tab that comes back its own state again.

        A process that was killed, or a line that was cut, leaves the tab's old socket written down; Reflex would take
        the tab for a copy of itself and begin it anew, with empty pages and lost drafts. A copy always loads its page.
        """
        manager = self._token_manager
        for token in parse_qs(environ.get("QUERY_STRING", "")).get("token", [])[:1]:
            if before := manager.token_to_socket.get(token):
                manager.sid_to_token.pop(before.sid, None)
                await self._cut(before.sid)
            record = SocketRecord(instance_id=manager.instance_id, sid=sid)
            manager.token_to_socket[token], manager.sid_to_token[sid] = record, token
            if isinstance(manager, RedisTokenManager):
                await manager._store_socket_record(token, record)  # noqa: SLF001 Reflex offers no other way (0.10.1)

    def on_disconnect(self, sid: str) -> asyncio.Task[None] | None:
        """Forget the socket."""
        looks.places.pop(self._token_manager.sid_to_token.get(sid, ""), None)
        self._forget(sid)
        return super().on_disconnect(sid)

    async def on_event(self, sid: str, data: object = None, *_: object) -> None:
        """Pass on what names a handler of ours, in its turn; the rest is dropped without a word and without a log."""
        socket = self.sockets.get(sid)
        if socket is None:
            return
        is_readable = _is_well_formed(data)
        if is_readable and data["name"] == GO_ON:  # before its turn: the tab is cut unless it is soon
            self._renew(sid, socket, data.get("payload", {}).get("token"))
        await socket.bucket.take()
        if sid not in self._token_manager.sid_to_token:
            return  # the tab has come back by another socket; Reflex would print what came, with the payload
        if not is_readable:
            metrics.denied.labels("malformed").inc()
            return
        await super().on_event(sid, data)

    def _renew(self, sid: str, socket: Socket, token: object) -> None:
        """Let a tab go on whose browser fetched a pass with the new cookie; any other stays as it was."""
        moment = time.monotonic()
        if not isinstance(token, str) or len(token) > LONGEST_PASS or moment < socket.failed_at + FAILED_SECONDS:
            return
        try:
            session_id, mark = tab_passes.read(token)
        except BackofficeError:
            session_id, mark = None, ""
        if session_id is None or session_id != socket.session_id:
            socket.failed_at = moment
        elif sid in self._static_router_data:
            socket.mark, socket.bucket = mark, self._bucket(session_id, socket.address, mark)
            self._static_router_data[sid]["headers"][MARK_HEADER] = mark

    def _forget(self, sid: str) -> None:
        socket = self.sockets.pop(sid, None)
        metrics.open_sockets.set(len(self.sockets))
        if socket is None or socket.session_id is None:
            return
        self._of_session[socket.session_id].discard(sid)
        if not self._of_session[socket.session_id]:
            del self._of_session[socket.session_id]

    async def close_session(self, session_id: UUID) -> None:
        """Send every tab of a session to the sign-in and cut its connection."""
        for sid in list(self._of_session.get(session_id, ())):
            await self._send_away(sid)

    async def renew_session(self, session_id: UUID | None = None) -> None:
        """Ask tabs from before a step-up to show the new secret, and cut those that do not: of a session, or of all.

        Who is cut comes back by themselves, with the cookie that their browser has.
        """
        await self._ask_to_show(await self._outdated(session_id))

    async def _ask_to_show(self, asked: dict[str, Tab]) -> None:
        for sid in asked:
            moved = {f"renewed{FIELD_MARKER}": int(now().timestamp() * 1000)}
            await self.emit("event", StateUpdate(delta={StepUpState.get_full_name(): moved}), to=sid)
        if asked:
            await asyncio.sleep(RENEWAL_SECONDS)
        for sid, tab in asked.items():
            socket = self.sockets.get(sid)
            if socket is not None and socket.tab == tab:
                await self._cut(sid)

    async def _outdated(self, session_id: UUID | None) -> dict[str, Tab]:
        """Find the sockets whose session has another secret than the one that they were opened with."""
        sids = self.sockets if session_id is None else self._of_session.get(session_id, ())
        tabs = {sid: tab for sid in list(sids) if (tab := self.sockets[sid].tab)}
        if not tabs:
            return {}
        async with transaction(Tenancy.everyone()) as session:
            before = await sessions.outdated(session, set(tabs.values()))
        return {sid: tab for sid, tab in tabs.items() if tab in before}

    async def close_viewing(self, viewing_id: UUID) -> None:
        """Cut every tab that was opened under a look which is over; what it had read is not there when it comes back.

        Who was on a page of the partner's goes to the console at once. A tab of the console gets its answer before: it
        may be the one that has just begun another look.
        """
        rest = list[str]()
        for sid in [sid for sid, one in self.sockets.items() if one.viewing_id == viewing_id]:
            place = looks.places.pop(self._token_manager.sid_to_token.get(sid, ""), "")
            if place:
                await self._send_away(sid, place)
            else:
                rest.append(sid)
        if rest:
            await asyncio.sleep(PARTING_SECONDS)
        for sid in rest:
            await self._cut(sid)

    async def begin_anew(self, token: str) -> None:
        """Let a tab of this process load its page again: its state was taken away."""
        socket = self._token_manager.token_to_socket.get(token)
        if socket is not None and socket.sid in self.sockets:
            await self._cut(socket.sid)

    async def _send_away(self, sid: str, place: str = SIGN_IN_PAGE) -> None:
        leave = StateUpdate(events=Event.from_event_type(rx.redirect(place)))
        await self.emit("event", leave, to=sid)
        await self._cut(sid)

    async def _cut(self, sid: str) -> None:
        """Close the connection itself: leaving the namespace alone would let the client join it again."""
        sio = self.app.sio
        connection = sio.manager.eio_sid_from_sid(sid, self.namespace) if sio else None
        if sio and connection:
            await sio.eio.disconnect(connection)

    async def sweep(self) -> None:
        """Close the sockets of sessions that have ended by themselves, or may not be used from where they are."""
        known = {sid: (one.session_id, one.address) for sid, one in self.sockets.items() if one.session_id}
        if not known:
            return
        looked = {one.viewing_id for one in self.sockets.values() if one.viewing_id}
        async with transaction(Tenancy.everyone()) as session:
            alive = await sessions.living(session, set(known.values()))
            over = looked - await viewings.living(session, looked) if looked else looked
        for sid, seen in known.items():
            if seen not in alive:
                await self._send_away(sid)
        for viewing_id in over:
            await self.close_viewing(viewing_id)

    async def run(self, hub: Hub) -> None:
        """Listen for sessions that end, and sweep; one lifespan task."""
        hub.on_name(lambda name: self._heard(name, hub))
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._buckets = {name: one for name, one in self._buckets.items() if time.monotonic() - one.at < BURST}
            try:
                await self.sweep()
                hub.spawn(self._ask_to_show(await self._outdated(None)))  # beside: it waits for the tabs' answers
            except Exception:  # the next sweep comes soon; without sweeps ended sessions would stay open
                log.exception("socket_sweep_failed")

    def _heard(self, name: str, hub: Hub) -> None:
        kind, _, text = name.partition(":")
        if kind == "session":
            hub.spawn(self.close_session(UUID(text)))
        elif kind == sessions.RENEWED:
            hub.spawn(self.renew_session(UUID(text)))
        elif kind == viewings.TOPIC:
            hub.spawn(self.close_viewing(UUID(text)))
        elif kind == shown.KIND:
            hub.forget(text)
            hub.spawn(self.begin_anew(text))
        elif name == live.RESYNC or kind == SECURITY:
            hub.spawn(self.sweep())
            hub.spawn(self.renew_session())


def _is_well_formed(data: object) -> TypeGuard[dict[str, Any]]:
    """Check the form of an event before Reflex sees it: what it cannot read it prints, with the payload."""
    if not isinstance(data, dict):
        return False
    name, payload, router_data = data.get("name"), data.get("payload", {}), data.get("router_data", {})
    if not isinstance(name, str) or name not in RegistrationContext.get().event_handlers:
        return False
    return isinstance(payload, dict) and isinstance(router_data, dict)


def _is_return(auth: object) -> bool:
    """Tell a tab that was here before from a page that was just loaded, which says what it was built with."""
    event = auth.get(CompileVars.CONNECT_AUTH_EVENT) if isinstance(auth, dict) else None
    payload = event.get("payload", {}) if isinstance(event, dict) else None
    return isinstance(payload, dict) and CompileVars.PAYLOAD_HASHES not in payload


def install(app: rx.App, namespace: str) -> Door:
    """Put our door in the place of Reflex's."""
    door = Door(namespace, app)
    app._event_namespace = door  # noqa: SLF001 Reflex offers no other way (0.10.1)
    if app.sio is not None:
        app.sio.register_namespace(door)
    return door
