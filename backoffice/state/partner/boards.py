"""What all tabs of a partner show alike: read once per partner, language and process, sent once to all of them.

A tab sits at the board of its own actor's partner, never of one that a client names, and sees the parts that its role
may see. What is on a board is no personal data.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from logging import getLogger
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.state import StateUpdate
from reflex_base.constants.state import FIELD_MARKER

from backoffice.adapters import live
from backoffice.db import transaction
from backoffice.i18n import language, speaking
from backoffice.services.access import Actor, Permission
from backoffice.state.live import Hub, hub

log = getLogger(__name__)
QUIET_SECONDS = 1.0
REFRESH_SECONDS = 10.0
"""Ages and the end of the day move without any change."""

Key = tuple[UUID, bool, str]
"""A partner, whether it is the live mode, and the language of what is shown."""
Read = Callable[[Any, Actor, bool], Awaitable[dict[str, Any]]]
"""Reads the vars of a part in a session, as an actor of one partner, in live or test mode."""


@dataclass(frozen=True)
class Part:
    """Some vars of one state that every tab of a partner's mode and language may share, and who may see them."""

    name: str
    state: Callable[[], type[rx.State]]
    permission: Permission
    read: Read
    every: int = 1
    """Read with each so many rounds; a round is at most each second."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One tab at a board: its socket and what it shows."""

    sid: str
    parts: frozenset[Part]


@dataclass(slots=True)
class Board:
    """What one partner's tabs show in one mode."""

    values: dict[Part, dict[str, Any]] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    """By tab."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    is_running: bool = False
    rounds: int = 0

    def value(self, name: str) -> Any:  # noqa: ANN401 a var of any kind
        """Answer one var; None before it was read."""
        return next((held[name] for held in self.values.values() if name in held), None)


class Boards:
    """The boards that somebody in this process looks at; a board without a tab costs nothing."""

    def __init__(self, around: Hub, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._hub = around
        self._quiet_seconds = quiet_seconds
        self._boards: defaultdict[Key, Board] = defaultdict(Board)
        around.on_name(self._heard)

    def board(self, key: Key) -> Board | None:
        """Answer what a partner's tabs show, None when nobody looks."""
        return self._boards.get(key)

    async def join(self, token: str, sid: str, actor: Actor, parts: Iterable[Part], *, livemode: bool) -> Key:
        """Let a tab see its own partner's board from now on, and answer once what it shows is there.

        Parts that the actor may not see are left out. Raises NotAllowed for an actor without a partner.
        """
        key = (actor.require_partner(), livemode, language())
        await self.leave(token)
        board, shown = self._boards[key], frozenset(part for part in parts if actor.can(part.permission))
        if namespace := self._namespace():
            sid = namespace.token_to_sid.get(token, sid)
            with suppress(KeyError, ValueError):  # the socket has just ended; the tab's next one joins again
                await namespace.enter_room(sid, room_of(key, shown))
        board.seats[token] = Seat(sid, shown)
        if missing := shown - board.values.keys():
            await self._read(key, board, missing)
        if not board.is_running:
            board.is_running = True
            self._hub.spawn(self._keep(key, board))
        return key

    async def leave(self, token: str) -> None:
        """Send this tab nothing any more."""
        for key, board in list(self._boards.items()):
            seat = board.seats.pop(token, None)
            if seat and (namespace := self._namespace()):
                await namespace.leave_room(seat.sid, room_of(key, seat.parts))

    def _namespace(self):  # noqa: ANN202 Reflex's EventNamespace
        return self._hub.app.event_namespace if self._hub.app else None

    def _heard(self, name: str) -> None:
        kind, _, partner = name.partition(":")
        for key, board in self._boards.items():
            if name == live.RESYNC or (kind == "partner" and partner == str(key[0])):
                board.changed.set()

    async def _keep(self, key: Key, board: Board) -> None:
        """Read and send while somebody looks: at once after a change, then quiet for a second."""
        try:
            while self._drop_closed(board):
                with suppress(TimeoutError):
                    await asyncio.wait_for(board.changed.wait(), REFRESH_SECONDS)
                board.changed.clear()
                board.rounds += 1
                shown = {part for seat in board.seats.values() for part in seat.parts}
                await self._send(key, board, await self._read(key, board, shown))
                await asyncio.sleep(self._quiet_seconds)
        finally:
            board.is_running = False
            if self._boards.get(key) is board and not board.seats:
                del self._boards[key]

    def _drop_closed(self, board: Board) -> bool:
        """Forget tabs whose socket is gone; answer whether anybody still looks."""
        namespace = self._namespace()
        known = namespace.token_to_sid if namespace else {}
        board.seats = {token: seat for token, seat in board.seats.items() if known.get(token) == seat.sid}
        return bool(board.seats)

    async def _read(self, key: Key, board: Board, parts: Iterable[Part]) -> set[Part]:
        """Read what is due, and answer what is another than before; a failure leaves what was there, with its age."""
        due = [part for part in parts if part not in board.values or board.rounds % part.every == 0]
        read = {part: values for part in due if (values := await _values(part, key)) is not None}
        changed = {part for part, values in read.items() if board.values.get(part) != values}
        board.values |= read
        return changed

    async def _send(self, key: Key, board: Board, changed: set[Part]) -> None:
        """Encode once for all tabs that show the same parts."""
        if not (namespace := self._namespace()):
            return
        for parts in {seat.parts for seat in board.seats.values()}:
            delta: defaultdict[str, dict[str, Any]] = defaultdict(dict)
            for part in parts & changed:
                named = {name + FIELD_MARKER: value for name, value in board.values[part].items()}
                delta[part.state().get_full_name()] |= named
            if delta:
                await namespace.emit("event", StateUpdate(delta=dict(delta)), room=room_of(key, parts))


async def _values(part: Part, key: Key) -> dict[str, Any] | None:
    """Read one part with the rights of the system for this one partner; None when that failed."""
    partner_id, livemode, spoken = key
    actor = Actor.system(partner_id, name="live")
    try:
        with speaking(spoken):
            async with transaction(actor.tenancy) as session:
                return await part.read(session, actor, livemode)
    except Exception:  # the other parts and the next round go on: without rounds every tab would stand still
        log.exception("board_failed", extra={"partner_id": str(partner_id), "part": part.name})
        return None


def room_of(key: Key, parts: Iterable[Part]) -> str:
    """Name the socket.io room of the tabs that show these parts of a partner's mode in one language."""
    partner_id, livemode, spoken = key
    mode = "live" if livemode else "test"
    return ":".join(["partner", str(partner_id), mode, spoken, *sorted(part.name for part in parts)])


boards = Boards(hub)
