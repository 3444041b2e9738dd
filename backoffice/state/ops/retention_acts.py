"""What operators do about retention: rules with a look at what they would delete first, holds, and their ends."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid, StepUpRequired
from backoffice.models.retention_rules import Draft
from backoffice.services import legal_holds, retention_forecasts, retention_rules
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.ops.retention import RetentionState
from backoffice.state.session import signed_in
from backoffice.viewmodels.retention import EVERY_PARTNER, ForecastView, HoldRow, RuleRow, draft_row, forecast_view

QUESTIONS = frozenset({"rule", "end"})


class RetentionActsState(rx.State):
    """One tab's open dialog."""

    asking: str = ""
    """rule, preview, end, hold or release while its dialog is open."""
    rule: RuleRow = RuleRow()
    """The rule that is changed or ended; without an id a new one."""
    wanted: RuleRow = RuleRow()
    """What the form said: what was looked at is what comes into force."""
    preview: ForecastView = ForecastView()
    hold: HoldRow = HoldRow()
    error: str = ""
    error_field: str = ""
    _draft: Draft | None = None

    @rx.event
    @requires(Permission.RETENTION_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self.asking = self.error = self.error_field = ""

    @rx.event
    @requires(Permission.RETENTION_WRITE)
    async def ask(self, question: str, rule_id: str) -> None:
        """Open the form of a rule or of a new one, or ask whether a rule is to end."""
        page = await self.get_state(RetentionState)
        self.rule = self.wanted = next((row for row in page.rules if row.id == rule_id), RuleRow())
        self.error = self.error_field = ""
        self.asking = question if question in QUESTIONS and (self.rule.id or question == "rule") else ""

    @rx.event
    @requires(Permission.RETENTION_WRITE)
    async def ask_hold(self, hold_id: str) -> None:
        """Open the form of a new hold, or ask whether one is to be released."""
        page = await self.get_state(RetentionState)
        self.hold = next((row for row in page.holds if row.id == hold_id), HoldRow())
        self.error = self.error_field = ""
        self.asking = "release" if self.hold.id else "" if hold_id else "hold"

    @rx.event
    @requires(Permission.RETENTION_WRITE)
    async def look(self, form: dict[str, str]) -> None:
        """Show what would go under the rule that the form describes, before anything is in force."""
        actor, page = await signed_in(self), await self.get_state(RetentionState)
        names = dict(page.partners)
        try:
            draft = _draft(form)
            async with transaction(actor.tenancy) as session:
                draft = await retention_rules.checked(session, draft)
                counted = await retention_forecasts.preview(session, actor, draft, before=_key(self.rule.id))
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            self._wrong(error)
            return
        self.error = self.error_field = ""
        self._draft, self.preview = draft, forecast_view(counted)
        self.wanted = draft_row(draft, names.get(str(draft.partner_id), EVERY_PARTNER))
        self.asking = "preview"

    @rx.event
    @requires(Permission.RETENTION_WRITE)
    async def back(self) -> None:
        """Go back to the form, with what it said."""
        self.asking = "rule"

    @rx.event
    @requires(Permission.RETENTION_WRITE)
    async def commit(self) -> rx.event.EventType[()]:
        """Put in force what was looked at."""
        actor, draft = await signed_in(self), self._draft
        if draft is None:
            return []
        try:
            async with transaction(actor.tenancy) as session:
                await retention_rules.set_rule(session, actor, draft, before=_key(self.rule.id))
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            return self._wrong(error)
        return self._done("The rule is in force. Dates of documents follow in a moment.")

    @rx.event
    @requires(Permission.RETENTION_WRITE)
    async def end(self) -> rx.event.EventType[()]:
        """Take a rule out of force."""
        actor, key = await signed_in(self), _key(self.rule.id)
        if key is None:
            return []
        try:
            async with transaction(actor.tenancy) as session:
                await retention_rules.end(session, actor, key)
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            return self._wrong(error)
        return self._done("The rule has ended. The next one that fits counts.")

    @rx.event
    @requires(Permission.RETENTION_WRITE)
    async def place(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Place a hold."""
        actor = await signed_in(self)
        try:
            async with transaction(actor.tenancy) as session:
                await legal_holds.place(session, actor, _hold(form))
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            return self._wrong(error)
        return self._done("The hold stands.")

    @rx.event
    @requires(Permission.RETENTION_WRITE)
    async def release(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """End a hold."""
        actor, key = await signed_in(self), _key(self.hold.id)
        if key is None:
            return []
        try:
            async with transaction(actor.tenancy) as session:
                await legal_holds.release(session, actor, key, why=form.get("why", ""))
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            return self._wrong(error)
        return self._done("The hold is released. Erasures that waited for it go on.")

    def _wrong(self, error: BackofficeError) -> rx.event.EventType[()]:
        self.error, self.error_field = str(error), (error.pointer or "").strip("/")
        return []

    def _done(self, words: str) -> rx.event.EventType[()]:
        self.asking = self.error = self.error_field = ""
        return [RetentionState.refresh, notice(words)]


def _key(text: str) -> UUID | None:
    return UUID(text) if text else None


def _draft(form: dict[str, str]) -> Draft:
    """Read a rule from its form."""
    days = form.get("days", "").strip()
    if not days.isdecimal() or not days.isascii():
        raise Invalid("How many days, in digits.", code="out_of_range", pointer="/days")
    try:
        partner_id = _key(form.get("partner", ""))
    except ValueError:
        raise Invalid("Choose a partner.", code="invalid_value", pointer="/partner") from None
    return Draft(
        partner_id=partner_id,
        ending=form.get("ending", ""),
        place=form.get("place", ""),
        type=form.get("type", ""),
        days=int(days[:9]),
        basis=form.get("basis", ""),
        is_duty=form.get("is_duty") == "yes",
    )


def _hold(form: dict[str, str]) -> legal_holds.Draft:
    """Read a hold from its form; it stands through its last day, in UTC."""
    text = form.get("ends_at", "").strip()
    try:
        last = date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("A date like 2027-03-31, or none.", code="invalid_date", pointer="/ends_at") from None
    ends_at = datetime.combine(last + timedelta(days=1), time(), UTC) if last else None
    return legal_holds.Draft(
        subject=form.get("subject", ""), owner=form.get("owner", ""), reason=form.get("reason", ""),
        basis=form.get("basis", ""), ends_at=ends_at,
    )  # fmt: skip
