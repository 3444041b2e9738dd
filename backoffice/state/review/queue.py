"""The queue: what waits, by saved view; the URL holds view, search and page."""

from datetime import UTC, datetime, time
from urllib.parse import urlencode

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.services import reasons, review_queue
from backoffice.services.access import Actor, Permission
from backoffice.services.review_queue import View
from backoffice.state.gate import requires
from backoffice.state.live import watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.review_tasks import (
    QueueHeader,
    QueueRow,
    QueueTab,
    queue_header,
    queue_row,
    queue_tabs,
)

QUEUE = "queue:main"


class QueueState(rx.State):
    """One reviewer's view of the queue."""

    rows: rx.Field[list[QueueRow]] = rx.field(default_factory=list)
    tabs: rx.Field[list[QueueTab]] = rx.field(default_factory=list)
    header: QueueHeader = QueueHeader()
    view: str = View.ALL
    q: str = ""
    more_url: str = ""
    is_loaded: bool = False

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def open(self) -> None:
        """Read what the URL asks for, and hear of every change from then on."""
        asked = self.router.url.query_parameters
        view = asked.get("view", View.ALL)
        self.view = view if view in set(View) else View.ALL
        self.q = asked.get("q", "")[:200]
        await watch(self, QUEUE, on_change=QueueState.refresh)
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def refresh(self) -> None:
        """Read again: something in the queue changed."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Put the search into the URL, which reads it."""
        return rx.redirect(queue_url(self.view, str(form.get("q", ""))))

    async def _read(self, actor: Actor) -> None:
        at = now()
        cursor = self.router.url.query_parameters.get("cursor")
        async with transaction(actor.tenancy) as session:
            page = await review_queue.page(session, actor, View(self.view), q=self.q, cursor=cursor)
            totals = await review_queue.totals(session, actor)
            pace = await review_queue.pace(session, actor, since=_midnight(at))
            labels = await reasons.labels(session)
        self.rows = [
            queue_row(
                one.task, one.document, partner=one.partner, holder=one.holder, labels=labels, at=at, ahead=one.ahead
            )
            for one in page.rows
        ]
        self.tabs = queue_tabs(totals.by_view, self.view)
        self.header = queue_header(
            waiting=totals.by_view[View.ALL] - totals.by_view[View.ON_HOLD],
            oldest=totals.oldest,
            decided=pace.decided,
            median_seconds=pace.median_seconds,
            at=at,
        )
        self.more_url = queue_url(self.view, self.q, page.next_cursor) if page.next_cursor else ""
        self.is_loaded = True


def queue_url(view: str, q: str, cursor: str = "") -> str:
    """Write the address of one view of the queue."""
    wanted = {"view": "" if view == View.ALL else view, "q": q.strip(), "cursor": cursor}
    asked = {name: value for name, value in wanted.items() if value}
    return f"/review/queue?{urlencode(asked)}" if asked else "/review/queue"


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time(), UTC)
