"""Policies: what rules, who decided how much, and the dialog that begins a draft."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import partners, policies, policy_reports, policy_sources
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.policies import (
    PLACE,
    Decided,
    PartnerRow,
    VersionView,
    decided,
    partner_row,
    version_view,
)

DAYS = 30
HOUSE = "The house"


class PoliciesState(rx.State):
    """One tab's overview of policies."""

    rows: rx.Field[list[VersionView]] = rx.field(default_factory=list)
    partners: rx.Field[list[PartnerRow]] = rx.field(default_factory=list)
    decided: Decided = Decided()
    in_force: VersionView = VersionView()
    shadow: VersionView = VersionView()
    drafts: int = 0
    is_loaded: bool = False
    is_creating: bool = False
    error: str = ""

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def open(self) -> None:
        """Read everything, and hear of every change from then on."""
        await watch(self, policies.TOPIC, on_change=PoliciesState.refresh)
        self.is_creating, self.error = False, ""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def refresh(self) -> None:
        """Read again: something about the policies changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def begin(self) -> None:
        """Open the dialog that begins a draft."""
        self.is_creating, self.error = True, ""

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def close(self) -> None:
        """Close the dialog."""
        self.is_creating, self.error = False, ""

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def create(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Begin a draft from a wording that is there, and open it; a second click finds the dialog closed."""
        actor, self.error = await signed_in(self), ""
        if not self.is_creating:
            return None
        whose = form.get("whose", "")
        try:
            partner_id = parse_public_id(Prefix.PARTNER, whose) if whose else None
            async with transaction(actor.tenancy) as session:
                source = await policy_sources.beginning(session, actor, form.get("start", ""), partner_id)
                note = form.get("note", "")
                version = await policies.draft(session, actor, source=source, note=note, partner_id=partner_id)
        except BackofficeError as error:
            self.error = str(error)
            return None
        self.is_creating = False
        return rx.redirect(f"{PLACE}/{version.label}")

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def want_person(self, partner_id: str, wanted: bool) -> rx.event.EventSpec:
        """Let people decide every document of a partner, or policies again."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            key = parse_public_id(Prefix.PARTNER, partner_id)
            partner = await partners.want_person(session, actor, key, wanted=wanted)
        await self._read(actor)
        who = "A person decides" if wanted else "Policies may decide"
        return notice(f"{who} the documents of {partner.name} from now on.")

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            rows = await policies.every(session, actor)
            names = await policy_reports.names(session, actor, rows)
            days = await policy_reports.days(session, actor, back=DAYS)
            ruled = await policy_reports.partners(session, actor, back=DAYS)
        called: dict[UUID | None, str] = {None: HOUSE} | {one.partner_id: one.name for one in ruled}
        shown = [version_view(row, names, scope=called.get(row.partner_id, ""), viewer=actor.id) for row in rows]
        house = [view for view in shown if view.scope == HOUSE]
        self.rows, self.partners, self.decided = shown, [partner_row(one) for one in ruled], decided(days)
        self.in_force = next((view for view in house if view.status == "published"), VersionView())
        self.shadow = next((view for view in house if view.status == "shadow"), VersionView())
        self.drafts = sum(view.is_draft for view in shown)
        self.is_loaded = True
