"""All people: the URL holds search and filters, and every change of anybody is read again."""

from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.members import Role
from backoffice.services import members, partners, people
from backoffice.services.access import Actor, Permission
from backoffice.services.people import MOST, Filter
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.people import NAMES, PLACE, PersonRow, person_row

MAX_QUERY = 80
LABELS = {"role": "Role", "partner": "Partner", "q": "Search"}
STATUSES = {"": "All", "active": "Active", "disabled": "Disabled"}
STAFF = "staff"


class UsersState(rx.State):
    """One tab's list."""

    rows: rx.Field[list[PersonRow]] = rx.field(default_factory=list)
    views: rx.Field[list[Choice]] = rx.field(default_factory=list)
    roles: rx.Field[list[Choice]] = rx.field(default_factory=list)
    partners: rx.Field[list[Choice]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    q: str = ""
    shown: str = ""
    is_loaded: bool = False
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @requires(Permission.PARTNERS_READ, Permission.MEMBERS_READ)
    async def open(self) -> None:
        """Read what the URL asks for, and hear of every change from then on."""
        given = self.router.url.query_parameters
        self._asked = {name: given[name][:MAX_QUERY] for name in (*LABELS, "status") if given.get(name)}
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.PARTNERS_READ, Permission.MEMBERS_READ)
    async def refresh(self) -> None:
        """Read again: somebody came, went, or was changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def search(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Put the search into the URL, which reads it."""
        return rx.redirect(self._url(q=form.get("q", "").strip()[:MAX_QUERY]))

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off."""
        return rx.redirect(self._url(**{name: ""} if name in LABELS else {}))

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def clear(self) -> rx.event.EventType[()]:
        """Take every filter off."""
        return rx.redirect(PLACE)

    def _url(self, **more: str) -> str:
        asked = {name: value for name, value in (self._asked | more).items() if value}
        return f"{PLACE}?{urlencode(asked)}" if asked else PLACE

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            named = await partners.names(session, actor)
            found = await people.listed(session, actor, self._filter(named))
        rows = found[:MOST]
        topics = {name for one in rows for name in (f"member:{one.id}", members.topic(one.partner_id or one.id))}
        await watch(self, people.TOPIC, partners.TOPIC, *topics, on_change=UsersState.refresh)
        self.rows = [person_row(one) for one in rows]
        more = ", narrow the list to see others" if len(found) > MOST else ""
        self.shown = f"{len(rows)} people{more}" if len(rows) != 1 else "1 person"
        self._offer([(public_id(Prefix.PARTNER, key), name) for key, name in named])
        self.is_loaded = True

    def _filter(self, named: list[tuple[UUID, str]]) -> Filter:
        asked = self._asked
        partner, role, status = asked.get("partner", ""), asked.get("role", ""), asked.get("status", "")
        known = {public_id(Prefix.PARTNER, key) for key, _ in named}
        return Filter(
            q=asked.get("q", ""),
            role=Role(role) if role in set(Role) else None,
            partner_id=parse_public_id(Prefix.PARTNER, partner) if partner in known else None,
            is_staff=True if partner == STAFF else None,
            is_disabled={"active": False, "disabled": True}.get(status),
        )

    def _offer(self, named: list[tuple[str, str]]) -> None:
        asked, places = self._asked, {STAFF: "Staff", **dict(named)}
        self.q, said = asked.get("q", ""), NAMES | places
        self.views = [self._choice("status", value, words) for value, words in STATUSES.items()]
        self.roles = [self._choice("role", role, words) for role, words in NAMES.items()]
        self.partners = [self._choice("partner", value, words) for value, words in places.items()]
        on = [name for name in LABELS if name in asked]
        self.chips = [FilterChip(name, LABELS[name], said.get(asked[name], asked[name])) for name in on]

    def _choice(self, name: str, value: str, words: str) -> Choice:
        return Choice(words, self._url(**{name: value}), self._asked.get(name, "") == value)
