"""SLA: a draft of targets and calendars in one tab, what it would mean now, and what differs before it is saved."""

from collections.abc import Callable
from dataclasses import replace

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid
from backoffice.models.business_hours import Calendar
from backoffice.models.partners import Plan
from backoffice.models.sla import Lane, Rules, Target
from backoffice.services import sla_rules, team
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.sla import (
    NEW_CALENDAR,
    NO_TARGET,
    AttainmentRow,
    CalendarRow,
    ChangeRow,
    TargetRow,
    VersionRow,
    attainment_rows,
    calendar_rows,
    changes,
    target_key,
    target_rows,
)
from backoffice.viewmodels.sla_forms import WEEKDAYS, read_holidays, read_hours, read_length
from backoffice.viewmodels.times import iso

DAYS = 30
KEYS = {target_key(plan, lane): (plan, lane) for plan in Plan for lane in Lane}
EMPTY = CalendarRow("", "UTC", "", "", False, False, ["09:00-17:00"] * 5 + ["", ""], "")


class SlaState(rx.State):
    """One tab's draft."""

    targets: rx.Field[list[TargetRow]] = rx.field(default_factory=list)
    calendars: rx.Field[list[CalendarRow]] = rx.field(default_factory=list)
    changes: rx.Field[list[ChangeRow]] = rx.field(default_factory=list)
    versions: rx.Field[list[VersionRow]] = rx.field(default_factory=list)
    attainment: rx.Field[list[AttainmentRow]] = rx.field(default_factory=list)
    editing: TargetRow = NO_TARGET
    calendar: CalendarRow = NEW_CALENDAR
    asking: str = ""
    """target, calendar or save while its dialog is open."""
    is_stale: bool = False
    """Somebody saved another version while this draft was open."""
    error: str = ""
    is_loaded: bool = False
    _held: Rules = Rules()
    _draft: Rules = Rules()

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def open(self) -> None:
        """Read the rules that hold, and begin a draft of them."""
        await watch(self, sla_rules.TOPIC, on_change=SlaState.refresh)
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def refresh(self) -> None:
        """Take over what somebody saved, unless a draft is open here: then say so."""
        if await has_left(self):
            return
        self.is_stale = bool(self.changes)
        if not self.is_stale:
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def edit(self, key: str) -> None:
        """Open the form of one target."""
        self.editing = next((row for row in self.targets if row.key == key), NO_TARGET)
        self.error, self.asking = "", "target" if self.editing.key else ""

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def edit_calendar(self, name: str) -> None:
        """Open the form of one calendar, or of a new one."""
        self.calendar = next((row for row in self.calendars if row.name == name), NEW_CALENDAR)
        self.error, self.asking = "", "calendar"

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def close(self) -> None:
        """Close what is open."""
        self.asking = self.error = ""

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def set_target(self, form: dict[str, str]) -> None:
        """Put one target into the draft."""
        key = KEYS.get(self.editing.key)
        if key is not None:
            self._change(lambda: _with_target(self._draft, key, form))

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def set_calendar(self, form: dict[str, str]) -> None:
        """Put one calendar into the draft."""
        self._change(lambda: _with_calendar(self._draft, self.calendar.name, form))

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def drop_calendar(self, name: str) -> None:
        """Take a calendar out of the draft that no target counts by."""
        left = {key: one for key, one in self._draft.calendars.items() if key != name}
        self._change(lambda: replace(self._draft, calendars=left))

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def discard(self) -> None:
        """Begin again with what holds."""
        await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def ask(self) -> None:
        """Show what would change, before it does."""
        self.asking = "save" if self.changes else ""

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def save(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Make the draft the rules that hold."""
        actor, is_applied = await signed_in(self), form.get("apply") == "open"
        try:
            async with transaction(actor.tenancy) as session:
                await sla_rules.publish(session, actor, self._draft, is_applied=is_applied)
        except BackofficeError as error:
            self.asking = ""
            return alarm(str(error))
        await self._read(actor)
        return notice("Saved. Open tasks follow in a moment." if is_applied else "Saved. It counts for new tasks.")

    def _change(self, changed: Callable[[], Rules]) -> None:
        """Take a change into the draft if it can be counted by; else say in the form why not."""
        try:
            draft = changed()
            sla_rules.check(draft)
        except Invalid as error:
            self.error = str(error)
            return
        self._draft, self.asking, self.error = draft, "", ""
        self._show()

    def _show(self) -> None:
        self.targets = target_rows(self._draft, self._held, now())
        self.calendars = calendar_rows(self._draft, self._held)
        self.changes = changes(self._held, self._draft)

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            self._held = self._draft = await sla_rules.read(session, actor)
            history = await sla_rules.versions(session, actor)
            kept = await team.attainment(session, actor, days=DAYS)
        self.versions = [_version(one) for one in history]
        self.attainment = attainment_rows(kept)
        self.asking, self.error, self.is_stale = "", "", False
        self._show()
        self.is_loaded = True


def _with_target(draft: Rules, key: tuple[Plan, Lane], form: dict[str, str]) -> Rules:
    """Read one target; an empty one leaves the queue without."""
    targets, text = dict(draft.targets), form.get("length", "").strip()
    if text:
        targets[key] = Target(read_length(text), form.get("calendar", ""))
    else:
        targets.pop(key, None)
    return replace(draft, targets=targets)


def _with_calendar(draft: Rules, before: str, form: dict[str, str]) -> Rules:
    """Read one calendar, which may have another name now: what counted by it still does."""
    name = " ".join(form.get("name", "").split())
    if name != before and name in draft.calendars:
        raise Invalid("There is a calendar with this name already.", code="name_taken")
    week = tuple(read_hours(day, form.get(day.lower(), "")) for day in WEEKDAYS)
    made = Calendar(form.get("time_zone", ""), week, read_holidays(form.get("holidays", "")))
    kept = {key: one for key, one in draft.calendars.items() if key != before}
    targets = {
        key: replace(one, calendar=name) if before and one.calendar == before else one
        for key, one in draft.targets.items()
    }
    return replace(draft, targets=targets, calendars=kept | {name: made})


def _version(one: sla_rules.Version) -> VersionRow:
    return VersionRow(one.version, iso(one.made_at), one.made_by or "The installation")
