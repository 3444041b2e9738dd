"""Assignment: how leads set who reads what, how much at once, whom nobody must judge, and how long tasks are kept."""

import re

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.documents import DocumentType
from backoffice.models.reviewers import Availability
from backoffice.services import partners, review_bars, review_rooms, reviewers
from backoffice.services.access import Actor, Permission
from backoffice.services.reviewers import Skills
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.assignments import BarView, ReviewerRow, reviewer_row
from backoffice.viewmodels.documents import Choice

CODES = re.compile(r"[,;\s]+")


class AssignmentState(rx.State):
    """One lead's page."""

    rows: rx.Field[list[ReviewerRow]] = rx.field(default_factory=list)
    partners: rx.Field[list[Choice]] = rx.field(default_factory=list)
    """From whom somebody can be barred; `href` is the id."""
    kept_minutes: int = 15
    second_percent: int = 0
    editing: str = ""
    """The id of the person whose dialog is open."""
    doing: str = ""
    """skills or bar: which dialog."""
    types: rx.Field[list[str]] = rx.field(default_factory=list)
    """The document types that are ticked."""
    error: str = ""
    is_loaded: bool = False

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def open(self) -> None:
        """Read everything, and hear of every change from then on."""
        self.editing = self.doing = self.error = ""
        await watch(self, review_rooms.TOPIC, on_change=AssignmentState.refresh)
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def refresh(self) -> None:
        """Read again: somebody came, went or was set otherwise."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def keep(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Set how long an assigned task is kept, and how many tasks chance gives to two people."""
        actor, texts = await signed_in(self), [form.get(name, "").strip() for name in ("kept", "second")]
        self.error = ""
        try:
            async with transaction(actor.tenancy) as session:
                kept, second = (_number(text) for text in texts)
                await review_rooms.change(session, actor, kept_minutes=kept, second_percent=second)
        except BackofficeError as error:
            self.error = str(error)
            return None
        await self._read(actor)
        return notice("Saved.")

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def be_available(self, member_id: str, wanted: bool) -> None:
        """Say of somebody that they are there, or away."""
        actor = await signed_in(self)
        state = Availability.AVAILABLE if wanted else Availability.AWAY
        async with transaction(actor.tenancy) as session:
            await reviewers.set_availability(session, actor, parse_public_id(Prefix.MEMBER, member_id), state)
        await self._read(actor)

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def edit(self, member_id: str, what: str) -> None:
        """Open the dialog of one person's skills, or of whom they must not judge."""
        row = next((one for one in self.rows if one.id == member_id), None)
        if row is not None and what in {"skills", "bar"}:
            self.editing, self.doing, self.error = member_id, what, ""
            self.types = row.document_types.split(", ") if row.document_types else []

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def close(self) -> None:
        """Close what is open."""
        self.editing = self.doing = self.error = ""

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def tick(self, kind: DocumentType) -> None:
        """Choose a document type, or leave it out."""
        here = [one for one in self.types if one != kind]
        self.types = here if len(here) < len(self.types) else [*self.types, str(kind)]

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def set_skills(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Save what one person reads, and how many tasks at once."""
        actor = await signed_in(self)
        wanted = Skills(
            document_types=self.types,
            countries=_codes(form.get("countries", "").upper()),
            languages=_codes(form.get("languages", "").lower()),
        )
        try:
            key, capacity = parse_public_id(Prefix.MEMBER, self.editing), _number(form.get("capacity", ""))
            async with transaction(actor.tenancy) as session:
                await reviewers.configure(session, actor, key, wanted, capacity=capacity)
        except BackofficeError as error:
            self.error = str(error)
            return None
        return await self._done(actor, "Saved.")

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def bar(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Keep one person from a partner."""
        actor, reason = await signed_in(self), form.get("reason", "")
        try:
            member_id = parse_public_id(Prefix.MEMBER, self.editing)
            partner_id = parse_public_id(Prefix.PARTNER, form.get("partner", ""))
            async with transaction(actor.tenancy) as session:
                await review_bars.bar(session, actor, member_id=member_id, partner_id=partner_id, reason=reason)
        except BackofficeError as error:
            self.error = str(error)
            return None
        return await self._done(actor, "Barred. What they had of this partner is back in the queue.")

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def lift(self, member_id: str, partner_id: str) -> rx.event.EventSpec | None:
        """Let one person review a partner's documents again."""
        actor = await signed_in(self)
        member, partner = parse_public_id(Prefix.MEMBER, member_id), parse_public_id(Prefix.PARTNER, partner_id)
        async with transaction(actor.tenancy) as session:
            await review_bars.lift(session, actor, member_id=member, partner_id=partner)
        return await self._done(actor, "The bar is lifted.")

    async def _done(self, actor: Actor, words: str) -> rx.event.EventSpec:
        self.editing = self.doing = self.error = ""
        await self._read(actor)
        return notice(words)

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            found = await reviewers.roster(session, actor)
            bars = await review_bars.standing(session, actor)
            room = await review_rooms.read(session, actor)
            names = await partners.names(session, actor)
        self.rows = [
            reviewer_row(
                one.profile,
                name=one.member.name,
                role=one.member.role,
                load=one.load,
                bars=[
                    BarView(public_id(Prefix.PARTNER, row.bar.partner_id), row.partner, row.bar.reason)
                    for row in bars
                    if row.bar.member_id == one.member.id
                ],
            )
            for one in found
        ]
        self.partners = [Choice(name, public_id(Prefix.PARTNER, key)) for key, name in names]
        self.kept_minutes, self.second_percent = room.kept_minutes, room.second_percent
        self.is_loaded = True


def _codes(text: str) -> list[str]:
    return [code for code in CODES.split(text) if code.isprintable() and code][:200]


def _number(text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit() and len(text) <= 6):  # noqa: PLR2004 no field takes more
        raise Invalid("A whole number, such as 5.", code="not_a_number")
    return int(text)
