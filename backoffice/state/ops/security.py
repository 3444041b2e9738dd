"""Security alerts for operators: the list by what the URL asks for, an answer with a note, and the rules."""

from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid, NotFound, StepUpRequired
from backoffice.models.security_alerts import SecurityState
from backoffice.models.security_facts import SecurityKind
from backoffice.models.security_rules import RULES, Counts
from backoffice.services import security_alerts, security_rules
from backoffice.services.access import Actor, Permission
from backoffice.services.security_alerts import Filter, Told
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.documents import Choice, FilterChip
from backoffice.viewmodels.fleet import AmountChoice
from backoffice.viewmodels.security_alerts import (
    PLACE,
    STATES,
    SecurityRow,
    SecurityRuleRow,
    rule_rows,
    security_row,
)

LABELS = {"kind": "Rule", "partner": "Partner"}
NAMES = (*LABELS, "state")
MOST_TEXT = 80


class SecurityDeskState(rx.State):
    """One tab's list of security alerts."""

    rows: rx.Field[list[SecurityRow]] = rx.field(default_factory=list)
    rules: rx.Field[list[SecurityRuleRow]] = rx.field(default_factory=list)
    views: rx.Field[list[AmountChoice]] = rx.field(default_factory=list)
    kinds: rx.Field[list[Choice]] = rx.field(default_factory=list)
    chips: rx.Field[list[FilterChip]] = rx.field(default_factory=list)
    is_loaded: bool = False
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @requires(Permission.SECURITY_READ)
    async def open(self) -> None:
        """Read what the URL asks for, and hear of every change from then on."""
        given = self.router.url.query_parameters
        self._asked = {name: given[name][:MOST_TEXT] for name in NAMES if given.get(name)}
        await watch(self, security_rules.TOPIC, on_change=SecurityDeskState.refresh)
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.SECURITY_READ)
    async def refresh(self) -> None:
        """Read again: something was found, answered or changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.SECURITY_READ)
    async def remove(self, name: str) -> rx.event.EventType[()]:
        """Take one filter off."""
        return rx.redirect(self._url(**{name: ""} if name in NAMES else {}))

    def _url(self, **more: str) -> str:
        asked = {name: value for name, value in (self._asked | more).items() if value}
        return f"{PLACE}?{urlencode(asked)}" if asked else PLACE

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            found = await security_alerts.page(session, actor, _filter(self._asked))
            counted = await security_alerts.counts(session, actor)
            held = await security_rules.read(session, actor)
        self.rows, self.rules = [_row(one) for one in found], rule_rows(held)
        state, kind = self._asked.get("state", ""), self._asked.get("kind", "")
        amounts = {"": sum(counted.values())} | counted
        self.views = [
            AmountChoice(words, self._url(state=value), state == value, amounts.get(value, 0))
            for value, words in STATES.items()
        ]
        self.kinds = [Choice(rule.label, self._url(kind=str(one)), kind == one) for one, rule in RULES.items()]
        said = {str(one): rule.label for one, rule in RULES.items()}
        on = [name for name in LABELS if name in self._asked]
        self.chips = [FilterChip(name, LABELS[name], said.get(self._asked[name], self._asked[name])) for name in on]
        self.is_loaded = True


class SecurityActsState(rx.State):
    """One tab's open dialog."""

    asking: str = ""
    """acknowledge or rule while its dialog is open."""
    alert: SecurityRow = SecurityRow()
    rule: SecurityRuleRow = SecurityRuleRow()
    error: str = ""
    error_field: str = ""

    @rx.event
    @requires(Permission.SECURITY_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self.asking = self.error = self.error_field = ""

    @rx.event
    @requires(Permission.SECURITY_WRITE)
    async def ask(self, alert_id: str) -> None:
        """Ask what was found."""
        page = await self.get_state(SecurityDeskState)
        self.alert = next((row for row in page.rows if row.id == alert_id), SecurityRow())
        self.error = self.error_field = ""
        self.asking = "acknowledge" if self.alert.id and self.alert.is_open else ""

    @rx.event
    @requires(Permission.SECURITY_WRITE)
    async def ask_rule(self, kind: str) -> None:
        """Open the form of a rule."""
        page = await self.get_state(SecurityDeskState)
        self.rule = next((row for row in page.rules if row.kind == kind), SecurityRuleRow())
        self.error = self.error_field = ""
        self.asking = "rule" if self.rule.kind else ""

    @rx.event
    @requires(Permission.SECURITY_WRITE)
    async def acknowledge(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Keep what was found."""
        actor = await signed_in(self)
        if not self.alert.id:
            return []
        try:
            async with transaction(actor.tenancy) as session:
                await security_alerts.acknowledge(session, actor, UUID(self.alert.id), form.get("note", ""))
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            return self._wrong(error)
        return self._done("Acknowledged.")

    @rx.event
    @requires(Permission.SECURITY_WRITE)
    async def save(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Let a rule speak from elsewhere from now on."""
        actor = await signed_in(self)
        if not self.rule.kind:
            return []
        try:
            wanted = _wanted(form, self.rule.version)
            async with transaction(actor.tenancy) as session:
                await security_rules.save(session, actor, SecurityKind(self.rule.kind), wanted)
        except StepUpRequired:
            raise  # the frame asks who is there
        except BackofficeError as error:
            return self._wrong(error)
        return self._done("The rule holds from now on.")

    def _wrong(self, error: BackofficeError) -> rx.event.EventType[()]:
        self.error, self.error_field = str(error), (error.pointer or "").strip("/")
        return []

    def _done(self, words: str) -> rx.event.EventType[()]:
        self.asking = self.error = self.error_field = ""
        return [SecurityDeskState.refresh, notice(words)]


def _filter(asked: dict[str, str]) -> Filter:
    """Turn what the URL asks for into the service's words; what it does not understand narrows nothing."""
    state, kind = asked.get("state", ""), asked.get("kind", "")
    try:
        partner_id = security_alerts.partner_of(asked["partner"]) if "partner" in asked else None
    except NotFound:
        partner_id = None
    return Filter(
        SecurityState(state) if state in set(SecurityState) else None,
        SecurityKind(kind) if kind in set(SecurityKind) else None,
        partner_id,
    )


def _row(one: Told) -> SecurityRow:
    return security_row(
        one.alert,
        subject=one.subject,
        partner=one.partner,
        by=one.by,
        entry_ids=security_alerts.entry_ids(one.alert),
    )


def _wanted(form: dict[str, str], version: int) -> Counts:
    numbers: dict[str, int] = {}
    for name, words in (("threshold", "How many, in digits."), ("minutes", "How many minutes, in digits.")):
        text = form.get(name, "").strip()
        if not text.isdecimal() or not text.isascii():
            raise Invalid(words, code="out_of_range", pointer=f"/{name}")
        numbers[name] = int(text[:9])
    return Counts(numbers["threshold"], numbers["minutes"], form.get("is_on") == "yes", version)
