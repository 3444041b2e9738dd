"""What operators do with one partner: its plan, its suspension; each asked first, with what it means."""

import reflex as rx

from backoffice.clock import present
from backoffice.db import transaction
from backoffice.errors import BackofficeError, StepUpRequired
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.partners import Plan
from backoffice.models.plans import PLAN_WORDS
from backoffice.services import fleet, plan_changes, suspensions
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.ops.partner import PartnerState
from backoffice.state.session import signed_in
from backoffice.viewmodels.limits import LimitRow, plan_effects
from backoffice.viewmodels.partner_tabs import effective

QUESTIONS = frozenset({"plan", "suspend", "resume"})


class PartnerActsState(rx.State):
    """One tab's open question."""

    asking: str = ""
    """plan, suspend or resume while its dialog is open."""
    chosen: str = ""
    """The plan that is looked at."""
    effects: rx.Field[list[LimitRow]] = rx.field(default_factory=list)
    begins: str = ""
    error: str = ""
    error_field: str = ""

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self._forget()

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def ask(self, question: str) -> None:
        """Open one of the questions."""
        self._forget()
        self.asking = question if question in QUESTIONS else ""

    @rx.event
    @requires(Permission.BILLING_WRITE)
    async def choose(self, plan: str) -> None:
        """Show what another plan would change, and when."""
        actor = await self._actor()
        self.chosen, self.effects, self.begins, self.error = "", [], "", ""
        if plan not in set(Plan):
            return
        async with transaction(actor.tenancy) as session:
            line = await fleet.line(session, actor, actor.require_partner())
        if line.plan != plan:
            planned = plan_changes.effect(line.plan, Plan(plan), present())
            self.chosen, self.effects = plan, plan_effects(line, Plan(plan))
            self.begins = effective(planned.effective_at, is_at_once=planned.is_at_once)

    @rx.event
    @requires(Permission.BILLING_WRITE)
    async def change_plan(self) -> rx.event.EventType[()]:
        """Change the plan that was chosen."""
        actor = await self._actor()
        if self.chosen not in set(Plan):
            return []
        try:
            async with transaction(actor.tenancy) as session:
                row = await plan_changes.change(session, actor, Plan(self.chosen))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        words = PLAN_WORDS[Plan(row.to_plan)]
        when = "from now on" if row.applied_at else f"from {row.effective_at:%-d %B} on"
        return self._done(f"The plan is {words} {when}.")

    @rx.event
    @requires(Permission.BILLING_WRITE)
    async def keep_plan(self) -> rx.event.EventType[()]:
        """Take a change back that is arranged."""
        actor = await self._actor()
        async with transaction(actor.tenancy) as session:
            await plan_changes.cancel(session, actor)
        return self._done("The plan stays as it is.")

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def suspend(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Shut the partner out whose short name was typed."""
        actor, asked = await self._actor(), {"reason": form.get("reason", ""), "typed": form.get("typed", "")}
        try:
            async with transaction(actor.tenancy) as session:
                partner = await suspensions.suspend(session, actor, actor.require_partner(), **asked)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return self._done(f"{partner.name} is suspended. Their pages have closed.")

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def resume(self) -> rx.event.EventType[()]:
        """Let the partner in again."""
        actor = await self._actor()
        try:
            async with transaction(actor.tenancy) as session:
                partner = await suspensions.resume(session, actor, actor.require_partner())
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return self._done(f"{partner.name} works again.")

    async def _actor(self) -> Actor:
        actor = await signed_in(self)
        return actor.within(parse_public_id(Prefix.PARTNER, self.router.url.path.rstrip("/").rpartition("/")[2]))

    def _done(self, words: str) -> rx.event.EventType[()]:
        self._forget()
        return [PartnerState.refresh, notice(words)]

    def _refused(self, error: BackofficeError) -> rx.event.EventType[()]:
        self.error, self.error_field = str(error), (error.pointer or "").strip("/")
        return []

    def _forget(self) -> None:
        self.asking = self.chosen = self.begins = self.error = self.error_field = ""
        self.effects = []
