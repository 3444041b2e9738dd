"""A partner's live numbers in one tab: the board holds them, and this is the tab's seat at it."""

from collections.abc import Iterable
from typing import Any

import reflex as rx

from backoffice.services import metrics
from backoffice.services.access import Actor, Permission
from backoffice.services.metrics import Period
from backoffice.state.gate import requires
from backoffice.state.partner.boards import Board, Key, Part, boards
from backoffice.state.session import signed_in
from backoffice.viewmodels.metrics import LiveNumbers, Throughput, live_numbers, throughput

CHART_EVERY = 15
"""The chart is read again with every so many rounds at most, that is not more often than each 15 s."""


class NumbersState(rx.State):
    """A tab's window on its partner's board; what it holds itself is only what it showed last."""

    paused: bool = False
    _key: Key | None = None
    _held: LiveNumbers = LiveNumbers()
    _held_chart: Throughput = Throughput()

    @rx.var(cache=False)
    def live(self) -> LiveNumbers:
        """Answer the numbers as they stand: right after a reload, a reconnect or any event."""
        board = self._board
        return (board and board.value("live")) or self._held

    @rx.var(cache=False)
    def chart(self) -> Throughput:
        """Answer the last day's throughput."""
        board = self._board
        return (board and board.value("chart")) or self._held_chart

    @property
    def _board(self) -> Board | None:
        return boards.board(self._key) if self._key and not self.paused else None

    @rx.event
    @requires()
    async def join(self) -> None:
        """Show the numbers of the actor's own partner, and nothing else of its board, to who sees numbers."""
        actor = await signed_in(self)
        if actor.can(Permission.METRICS_READ):
            await sit_down(self, actor, (NUMBERS,))


async def sit_down(state: NumbersState, actor: Actor, parts: Iterable[Part]) -> Board:
    """Let a tab see parts of its partner's board, which moves from now on; answers the board as it stands."""
    actor.require(Permission.METRICS_READ)
    session = state.router.session
    key = await boards.join(session.client_token, session.session_id, actor, parts, livemode=is_live(state))
    state._key, state.paused = key, False  # noqa: SLF001 a seat of this module's own state
    return boards.board(key) or Board()


async def stand_still(state: NumbersState) -> None:
    """Hold what the tab shows (WCAG 2.2.2)."""
    state._held, state._held_chart = state.live, state.chart  # noqa: SLF001 a seat of this module's own state
    await boards.leave(state.router.session.client_token)
    state.paused = True


def is_live(state: rx.State) -> bool:
    """Read from the URL whether a page shows live or test data."""
    return state.router.url.query_parameters.get("mode") != "test"


async def _numbers(session: Any, actor: Actor, livemode: bool) -> dict[str, Any]:  # noqa: ANN401 a database session
    found = await metrics.numbers(session, actor, actor.require_partner(), livemode=livemode)
    return {"live": live_numbers(found)}


async def _chart(session: Any, actor: Actor, livemode: bool) -> dict[str, Any]:  # noqa: ANN401 a database session
    points = await metrics.series(session, actor, actor.require_partner(), Period.DAY, livemode=livemode)
    return {"chart": throughput(points, is_hourly=True)}


NUMBERS = Part("numbers", lambda: NumbersState, Permission.METRICS_READ, _numbers)
CHART = Part("chart", lambda: NumbersState, Permission.METRICS_READ, _chart, every=CHART_EVERY)
