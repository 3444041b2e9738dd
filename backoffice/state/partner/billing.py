"""Billing: the month so far, invoices, plans, and what a change of plan does before it is done."""

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotFound, StepUpRequired
from backoffice.i18n import gettext
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.partners import Plan
from backoffice.services import billing_accounts, billing_alerts, billing_overviews, invoices, plan_changes
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.partner.thresholds import read_amounts, read_percents
from backoffice.state.session import signed_in
from backoffice.viewmodels.billing import (
    BillView,
    InvoiceRow,
    OverviewView,
    PlanColumn,
    PreviewView,
    bill_view,
    invoice_rows,
    overview_view,
    plan_columns,
    preview_view,
)

SHOWN = 24
"""Invoices on the page; all of them are in the API."""


class BillingState(rx.State):
    """One tab's look at what things cost."""

    overview: OverviewView = OverviewView()
    bill: BillView = BillView()
    """The invoice whose lines are shown: the present month's unless the address names another."""
    invoices: rx.Field[list[InvoiceRow]] = rx.field(default_factory=list)
    plans: rx.Field[list[PlanColumn]] = rx.field(default_factory=list)
    preview: PreviewView = PreviewView()
    told: rx.Field[list[str]] = rx.field(default_factory=list)
    is_warning: bool = False
    """Whether the dialog of thresholds is open."""
    error: str = ""
    is_missing: bool = False
    is_loaded: bool = False

    @rx.event
    @requires(Permission.BILLING_READ)
    async def open(self) -> None:
        """Read everything, and hear of thresholds and plans from then on."""
        actor = await signed_in(self)
        partner_id = actor.require_partner()
        await watch(self, billing_alerts.topic(partner_id), f"partner:{partner_id}", on_change=BillingState.refresh)
        self._close()
        await self._read(actor)

    @rx.event
    @requires(Permission.BILLING_READ)
    async def refresh(self) -> None:
        """Read again: something of this partner changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.BILLING_WRITE)
    async def ask(self, plan: str) -> rx.event.EventSpec | None:
        """Say what a change of plan would do, and when."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                found = await billing_overviews.preview(session, actor, Plan(plan))
        except (BackofficeError, ValueError) as error:
            return alarm(str(error) if isinstance(error, BackofficeError) else gettext("There is no such plan."))
        self._close()
        self.preview = preview_view(found)
        return None

    @rx.event
    @requires(Permission.BILLING_WRITE)
    async def change(self) -> rx.event.EventSpec | None:
        """Change the plan that was asked about."""
        if not self.preview.plan:
            return None
        actor, plan = await signed_in(self), Plan(self.preview.plan)
        try:
            async with transaction(actor.tenancy) as session:
                row = await plan_changes.change(session, actor, plan)
                day = f"{row.effective_at:%Y-%m-%d}"
                said = gettext("The plan is changed.") if row.applied_at else gettext("It changes on {day}.", day=day)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            self.error = str(error)
            return None
        self._close()
        await self._read(actor)
        return notice(said)

    @rx.event
    @requires(Permission.BILLING_WRITE)
    async def stay(self) -> rx.event.EventSpec:
        """Take back a change that has not begun."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                await plan_changes.cancel(session, actor)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return alarm(str(error))
        await self._read(actor)
        return notice(gettext("The plan stays as it is."))

    @rx.event
    @requires(Permission.BILLING_WRITE)
    async def edit(self) -> None:
        """Open the thresholds."""
        self._close()
        self.is_warning = True

    @rx.event
    @requires(Permission.BILLING_READ)
    async def close(self) -> None:
        """Close whatever is open."""
        self._close()

    @rx.event
    @requires(Permission.BILLING_WRITE)
    async def warn(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Set the thresholds."""
        actor = await signed_in(self)
        try:
            percents = read_percents(form.get("percents", ""))
            amounts = read_amounts(form.get("amounts", ""), self.overview.currency)
            async with transaction(actor.tenancy) as session:
                await billing_accounts.warn(session, actor, percents=percents, amounts=amounts)
        except BackofficeError as error:
            self.error = str(error)
            return None
        self._close()
        await self._read(actor)
        return notice(gettext("Saved. Each threshold is told once a month."))

    def _close(self) -> None:
        self.preview, self.is_warning, self.error = PreviewView(), False, ""

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            found = await billing_overviews.read(session, actor)
            page = await invoices.listed(session, actor, limit=SHOWN)
            self.told = [billing_alerts.words(one) for one in await billing_alerts.told(session, actor)]
        asked = self.router.url.query_parameters.get("invoice", "")
        self.overview, self.plans = overview_view(found), plan_columns(found)
        self.bill = await self._bill(actor, asked) if asked else bill_view(found.bill) if found.bill else BillView()
        self.is_missing = bool(asked) and not self.bill.id
        self.invoices = invoice_rows(page.rows, self.bill.id)
        self.is_loaded = True

    async def _bill(self, actor: Actor, asked: str) -> BillView:
        try:
            async with transaction(actor.tenancy) as session:
                return bill_view(await invoices.get(session, actor, parse_public_id(Prefix.INVOICE, asked)))
        except NotFound:
            return BillView()
