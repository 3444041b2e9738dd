"""The queue: the URL holds view, filters, search and page; rows change in their places, new ones wait behind a pill."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from backoffice.adapters import presence
from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Invalid, NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.bulk_actions import MOST_TASKS
from backoffice.models.documents import DocumentType
from backoffice.models.partners import Plan
from backoffice.models.review_counts import Totals, View
from backoffice.models.review_priorities import RISKS
from backoffice.services import conflicts, queue_counts, reasons, regions, review_queue, reviewers
from backoffice.services.access import Actor, Permission
from backoffice.services.pages import Page
from backoffice.services.review_queue import Filter, Pace, QueueItem
from backoffice.services.review_tasks import QUEUE
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.review.counts import counts
from backoffice.state.review.picking import pick
from backoffice.state.review.presence import looks, others
from backoffice.state.review.queue_rows import QueueRowsState
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import FilterChip
from backoffice.viewmodels.queue_filters import LABELS, ME, FilterMenu, chips, menus, options
from backoffice.viewmodels.review_tasks import (
    QueueHeader,
    QueueRow,
    QueueTab,
    queue_header,
    queue_row,
    queue_tabs,
)

PLACE = "/review/queue"
NAMES = ("view", *LABELS)
MAX_VALUE = 200
MOST_SELECTED = 50


class QueueState(QueueRowsState):
    """One reviewer's view of the queue."""

    tabs: rx.Field[list[QueueTab]] = rx.field(default_factory=list)
    header: QueueHeader = QueueHeader()
    menus: rx.Field[list[FilterMenu]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    view: str = View.ALL
    q: str = ""
    newer: int = 0
    """How many tasks would stand on this page and are not on the screen."""
    first_url: str = ""
    more_url: str = ""
    is_loaded: bool = False
    selected: rx.Field[list[str]] = rx.field(default_factory=list)
    refusal: str = ""
    """Why nothing was looked for."""
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _remembered: str = ""
    """The view and filters that this tab had last, for when it comes back without any."""

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def open(self) -> rx.event.EventSpec | None:
        """Read what the URL asks for, and hear of every change from then on."""
        given = self.router.url.query_parameters
        if not given and self._remembered:
            return rx.redirect(self._remembered, replace=True)
        self._asked = {name: text for name in NAMES if (text := _clean(given.get(name, "")))}
        self.view = self._asked.get("view", View.ALL) if self._asked.get("view") in set(View) else View.ALL
        self._asked |= {"view": self.view}
        kept = {name: value for name, value in self._asked.items() if name != "q"}
        self._remembered = "" if kept == {"view": View.ALL} else queue_url(kept)
        self.selected = []
        await pick(self, ())
        await looks.left(self)
        await watch(self, QUEUE, on_change=QueueState.refresh)
        await watch(self, presence.TOPIC, on_change=QueueState.see)
        await self._read(await signed_in(self), _clean(given.get("cursor", "")))
        return None

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def refresh(self) -> None:
        """Read the rows on screen again, in their places, and count what came besides; an empty list is read anew."""
        if await has_left(self):
            return
        actor, cursor = await signed_in(self), _clean(self.router.url.query_parameters.get("cursor", ""))
        if not self.rows:
            await self._read(actor, cursor)
            return
        shown, by = [parse_public_id(Prefix.REVIEW_TASK, row.task_id) for row in self.rows], self._filter(actor)
        async with transaction(actor.tenancy) as session:
            items = await review_queue.some(session, actor, shown)
            newest = await review_queue.newest(session, actor, View(self.view), by=by, besides=shown)
            labels = await reasons.labels(session)
        self._show(items, labels, actor, await others(actor))
        if self.newer != (waiting := 0 if cursor else newest):
            self.newer = waiting
        await self._count(actor)

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def see(self) -> None:
        """Show who looks at which task now."""
        if not await has_left(self):
            seen = await others(await signed_in(self))
            self._put([_seen(row, seen.get(row.task_id, "")) for row in self.rows])

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def show_new(self) -> None:
        """Bring what waits behind the pill into the list."""
        await self._read(await signed_in(self), "")

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Put the search into the URL, which reads it."""
        return rx.redirect(queue_url(self._asked | {"q": _clean(form.get("q", ""))}))

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def remove(self, name: str) -> rx.event.EventSpec:
        """Take one filter off."""
        return rx.redirect(queue_url({key: value for key, value in self._asked.items() if key != name}))

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def clear(self) -> rx.event.EventSpec:
        """Take every filter off, but stay in the view."""
        return rx.redirect(queue_url({"view": self.view}))

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def tick(self, task_id: str) -> None:
        """Select a row that is on the screen, or let go of it."""
        if task_id in self.selected:
            self.selected = [one for one in self.selected if one != task_id]
        elif any(row.task_id == task_id for row in self.rows):
            self.selected = [*self.selected, task_id][:MOST_SELECTED]
        await pick(self, ())

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def select_none(self) -> None:
        """Let go of every selected row."""
        self.selected = []
        await pick(self, ())

    @rx.event
    @requires(Permission.QUEUE_READ)
    async def select_matching(self) -> rx.event.EventSpec | None:
        """Select every task that the view and its filters hold now, also beyond the page."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            view, by = View(self.view), self._filter(actor)
            keys = await review_queue.matching(session, actor, view, by=by, limit=MOST_TASKS + 1)
        await pick(self, keys[:MOST_TASKS])
        self.selected = [row.task_id for row in self.rows if not row.is_gone]
        return notice(f"The first {MOST_TASKS} are selected.", "info") if len(keys) > MOST_TASKS else None

    async def _read(self, actor: Actor, cursor: str) -> None:
        by, found = self._filter(actor), await counts.choices(actor)
        page = await self._page(actor, by, cursor)
        async with transaction(actor.tenancy) as session:
            places = await regions.named(session)
            found = await queue_counts.including(session, actor, found, by)
            labels = await reasons.labels(session)
            people = [(one.member.id, one.member.name) for one in await reviewers.roster(session, actor)]
            hidden = await conflicts.barred(session, actor.id)
        self._show(page.rows, labels, actor, await others(actor))
        offered = options(found, people, labels, hidden, places)
        asked = self._asked
        self.menus = menus(offered, asked, lambda name, value: queue_url(asked | {name: value}))
        self.chips, self.q = chips(offered, asked), asked.get("q", "")
        self.newer, self.first_url = 0, queue_url(asked) if cursor else ""
        self.more_url = queue_url(asked | {"cursor": page.next_cursor}) if page.next_cursor else ""
        await self._count(actor)
        self.is_loaded = True

    async def _page(self, actor: Actor, by: Filter, cursor: str) -> Page[QueueItem]:
        """Read one page; a search that would cross regions finds nothing and says why."""
        self.refusal = ""
        try:
            async with transaction(actor.tenancy) as session:
                return await review_queue.page(session, actor, View(self.view), by=by, cursor=cursor or None)
        except Invalid as error:
            if error.code != regions.CROSSES:
                raise
            self.refusal = str(error)
            return Page([], None)

    async def _count(self, actor: Actor) -> None:
        at, by = now(), self._filter(actor)
        narrow, whole = await counts.read(actor, by), await counts.read(actor, Filter())
        async with transaction(actor.tenancy) as session:
            totals = await queue_counts.totals(session, actor, by=by, counted=narrow)
            pace = await review_queue.pace(session, actor, since=_midnight(at))
            overall = await queue_counts.totals(session, actor, counted=whole)
        tabs = queue_tabs(totals.by_view, self.view, lambda view: queue_url(self._asked | {"view": view}))
        header = _header(overall, pace, at)
        if tabs != self.tabs:
            self.tabs = tabs
        if header != self.header:
            self.header = header

    def _show(
        self, items: Sequence[QueueItem], labels: Mapping[str, str], actor: Actor, seen: Mapping[str, str]
    ) -> None:
        at = now()
        rows = [
            queue_row(
                one.task, one.document, partner=one.partner, holder=one.holder, labels=labels, at=at, ahead=one.ahead,
                plan=one.plan, assignee=one.assignee, reader=actor.id,
            )
            for one in items
        ]  # fmt: skip
        self._put([_seen(row, seen.get(row.task_id, "")) for row in rows])

    def _put(self, rows: list[QueueRow]) -> None:
        """Send what changed of the rows, and keep selected what is still there to be selected."""
        self._put_rows(rows)
        there = {row.task_id for row in rows if not row.is_gone}
        if not there.issuperset(self.selected):
            self.selected = [one for one in self.selected if one in there]

    def _filter(self, actor: Actor) -> Filter:
        """Turn what the URL asks for into the service's words; what it does not understand narrows nothing."""
        asked = self._asked
        assignee = actor.id if asked.get("assignee") == ME else _key(Prefix.MEMBER, asked.get("assignee", ""))
        return Filter(
            partner_id=_key(Prefix.PARTNER, asked.get("partner", "")),
            document_type=asked["type"] if asked.get("type") in set(DocumentType) else None,
            country=asked.get("country"),
            flag=asked.get("flag"),
            plan=Plan(asked["plan"]) if asked.get("plan") in set(Plan) else None,
            risk=next((band for band in RISKS if band == asked.get("risk")), None),
            assignee=assignee,
            region=asked.get("region", ""),
            q=asked.get("q", ""),
        )


def queue_url(asked: Mapping[str, str]) -> str:
    """Write the address of one view of the queue; the whole queue says so, because nothing means as it was last."""
    given = {name: asked[name] for name in (*NAMES, "cursor") if asked.get(name)}
    return f"{PLACE}?{urlencode(given or {'view': View.ALL})}"


def _clean(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:MAX_VALUE]


def _key(prefix: Prefix, text: str) -> UUID | None:
    try:
        return parse_public_id(prefix, text)
    except NotFound:
        return None


def _seen(row: QueueRow, viewers: str) -> QueueRow:
    return replace(row, viewers=viewers)


def _header(totals: Totals, pace: Pace, at: datetime) -> QueueHeader:
    return queue_header(
        waiting=totals.by_view[View.ALL] - totals.by_view[View.ON_HOLD],
        oldest=totals.oldest,
        clear_seconds=totals.clear_seconds,
        decided=pace.decided,
        median_seconds=pace.median_seconds,
        at=at,
    )


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time(), UTC)
