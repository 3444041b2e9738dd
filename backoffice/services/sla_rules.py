"""SLA rules: targets by plan and queue and the calendars that they count by, in versions that never change.

A new version moves no deadline by itself: tasks keep what was counted when they came, until a person has the rules
applied to open tasks (`sla_clocks.apply`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.errors import Conflict, Invalid
from backoffice.models.business_hours import DAY_MINUTES, DAYS, Calendar
from backoffice.models.members import Member
from backoffice.models.partners import Plan
from backoffice.models.sla import Lane, Rules, SlaVersion, Target
from backoffice.services import audit
from backoffice.services.access import Actor, ActorType, Permission

TOPIC = "sla:rules"
APPLY_JOB = "review.apply_sla"
MOST_TARGET = timedelta(days=60)
MOST_CALENDARS, MOST_HOLIDAYS, MAX_NAME = 20, 400, 60
SHOWN_VERSIONS = 10


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the history."""

    version: int
    made_at: datetime
    made_by: str


async def current(session: AsyncSession) -> Rules:
    """Read the rules that hold now."""
    statement = select(SlaVersion).order_by(col(SlaVersion.version).desc()).limit(1)
    return _rules((await session.execute(statement)).scalar_one())


async def numbered(session: AsyncSession, version: int | None) -> Rules:
    """Read the rules by which a deadline was counted; those of today where nobody knows."""
    statement = select(SlaVersion).where(col(SlaVersion.version) == version)
    row = (await session.execute(statement)).scalar_one_or_none()
    return _rules(row) if row else await current(session)


async def read(session: AsyncSession, actor: Actor) -> Rules:
    """Read the rules that hold now, for who may see them."""
    actor.require(Permission.POLICIES_READ)
    return await current(session)


async def versions(session: AsyncSession, actor: Actor) -> list[Version]:
    """List the last versions, newest first."""
    actor.require(Permission.POLICIES_READ)
    statement = (
        select(col(SlaVersion.version), col(SlaVersion.created_at), func.coalesce(col(Member.name), ""))
        .outerjoin(Member, col(Member.id) == col(SlaVersion.made_by))
        .order_by(col(SlaVersion.version).desc())
        .limit(SHOWN_VERSIONS)
    )
    return [Version(*row) for row in await session.execute(statement)]


async def publish(session: AsyncSession, actor: Actor, rules: Rules, *, is_applied: bool = False) -> Rules:
    """Make a new version out of one that was changed; `is_applied` moves the deadlines of open tasks, too, by a job.

    Raises Invalid for what cannot be counted by, Conflict when somebody else was faster or nothing differs.
    """
    actor.require(Permission.POLICIES_WRITE)
    check(rules)
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("sla_versions"))))
    before = await current(session)
    if before.version != rules.version:
        raise Conflict("Somebody changed the SLA since you opened it. Look again.", code="stale_version")
    values = {"targets": targets_json(rules), "calendars": calendars_json(rules)}
    was = {"targets": targets_json(before), "calendars": calendars_json(before)}
    if values == was:
        raise Conflict("Nothing differs from the version that holds.", code="nothing_changed")
    made_by = actor.id if actor.type == ActorType.MEMBER else None
    row = SlaVersion(version=before.version + 1, made_by=made_by)
    row.targets, row.calendars = values["targets"], values["calendars"]
    session.add(row)
    await session.flush()
    changes: dict[str, object] = {name: [was[name], values[name]] for name in values if was[name] != values[name]}
    changes |= {"version": row.version, "applied_to_open_tasks": is_applied}
    await audit.record(session, actor, "sla.changed", subject_type="sla", subject_id=row.id, changes=changes)
    if is_applied:
        await job_queue.enqueue(session, APPLY_JOB, {"version": row.version}, dedupe_key=f"{APPLY_JOB}:{row.version}")
    live.announce(session, TOPIC)
    return _rules(row)


def check(rules: Rules) -> None:
    """Refuse what cannot be counted by.

    Raises Invalid.
    """
    for plan in Plan:
        if rules.target(plan, Lane.STANDARD) is None:
            raise Invalid(f"The plan {plan} needs a target for its standard queue.", code="target_needed")
    for target in rules.targets.values():
        if not timedelta(minutes=1) <= target.length <= MOST_TARGET:
            raise Invalid(f"From 1 minute to {MOST_TARGET.days} days.", code="out_of_range", pointer="/length")
        if target.calendar and target.calendar not in rules.calendars:
            raise Invalid("A target counts by a calendar that is not there.", code="calendar_unknown")
    if len(rules.calendars) > MOST_CALENDARS:
        raise Invalid(f"At most {MOST_CALENDARS} calendars.", code="too_many", pointer="/calendars")
    for name, calendar in rules.calendars.items():
        _check_calendar(name, calendar)


def _check_calendar(name: str, calendar: Calendar) -> None:
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(f"Name the calendar in 1 to {MAX_NAME} letters.", code="name_needed", pointer="/name")
    if calendar.time_zone not in available_timezones():
        raise Invalid("There is no such time zone.", code="time_zone_unknown", pointer="/time_zone")
    if len(calendar.week) != DAYS or not any(calendar.week):
        raise Invalid("Open on at least one day of the week.", code="never_open", pointer="/week")
    for hours in calendar.week:
        edges = [minute for span in hours for minute in span]
        if edges != sorted(set(edges)) or any(not 0 <= minute <= DAY_MINUTES for minute in edges):
            raise Invalid("Hours go up, from 00:00 to 24:00.", code="hours_wrong", pointer="/week")
    if len(calendar.holidays) > MOST_HOLIDAYS:
        raise Invalid(f"At most {MOST_HOLIDAYS} days off.", code="too_many", pointer="/holidays")


def targets_json(rules: Rules) -> dict[str, Any]:
    """Write targets as the table keeps them."""
    return {
        plan: {
            lane: [int(target.length.total_seconds() // 60), target.calendar]
            for lane in Lane
            if (target := rules.target(plan, lane))
        }
        for plan in Plan
    }


def calendars_json(rules: Rules) -> dict[str, Any]:
    """Write calendars as the table keeps them."""
    return {
        name: {
            "time_zone": one.time_zone,
            "week": [[list(span) for span in hours] for hours in one.week],
            "holidays": sorted(day.isoformat() for day in one.holidays),
        }
        for name, one in sorted(rules.calendars.items())
    }


def _rules(row: SlaVersion) -> Rules:
    targets = {
        (Plan(plan), Lane(lane)): Target(timedelta(minutes=minutes), calendar)
        for plan, lanes in row.targets.items()
        for lane, (minutes, calendar) in lanes.items()
    }
    return Rules(row.version, targets, {name: _calendar(one) for name, one in row.calendars.items()})


def _calendar(one: Mapping[str, Any]) -> Calendar:
    return Calendar(
        one["time_zone"],
        tuple(tuple((begin, end) for begin, end in hours) for hours in one["week"]),
        frozenset(date.fromisoformat(day) for day in one["holidays"]),
    )
