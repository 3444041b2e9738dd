"""Retention from the command line: rules, what they would delete, a run, holds."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.commands.authors import author
from backoffice.commands.console import out, stop
from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.jobs import retention as jobs
from backoffice.models.base import Prefix, parse_public_id, public_id
from backoffice.models.legal_holds import HoldSubject
from backoffice.models.retention_counts import Forecast
from backoffice.models.retention_rules import Draft, RetentionRule
from backoffice.services import legal_holds, partners, retention_forecasts, retention_rules
from backoffice.services.access import Actor

ACTOR = Actor.system(name="command line")
PREFIXES = {
    HoldSubject.DOCUMENT: Prefix.DOCUMENT,
    HoldSubject.APPLICANT: Prefix.APPLICANT,
    HoldSubject.PARTNER: Prefix.PARTNER,
}


async def show() -> None:
    """List the rules in force, those that count first."""
    async with transaction(ACTOR.tenancy) as session:
        rows = await retention_rules.listed(session, ACTOR)
        names = dict(await partners.names(session, ACTOR))
    table = Table("Partner", "Ended", "Issued in", "Type", "Days", "Why", box=None, pad_edge=False)
    for row in rows:
        whose = names.get(row.partner_id, "") if row.partner_id else "every"
        basis = f"{row.basis} (erasures wait)" if row.is_duty else row.basis
        words = (whose, row.ending or "any", row.place or "any", row.type or "any", str(row.days), basis)
        table.add_row(*words)
    out.print(table if rows else "No rule: nothing is deleted by time.", soft_wrap=True)


async def draft(  # noqa: PLR0913 what a rule says
    session: AsyncSession, *, days: int, basis: str, partner_slug: str, ending: str, place: str, type_: str, duty: bool
) -> Draft:
    """Read a rule from the options of a command."""
    partner_id = None
    if partner_slug:
        partner = await partners.by_slug(session, ACTOR, partner_slug)
        if partner is None:
            raise NotFound(f"There is no partner with the short name {partner_slug}.")
        partner_id = partner.id
    wanted = Draft(partner_id=partner_id, ending=ending, place=place, type=type_, days=days, basis=basis, is_duty=duty)
    return await retention_rules.checked(session, wanted)


async def _same(session: AsyncSession, wanted: Draft) -> RetentionRule | None:
    """Find the rule for the same documents: on the command line it is the one that is meant."""
    for row in await retention_rules.listed(session, ACTOR):
        if all(getattr(row, name) == getattr(wanted, name) for name in ("partner_id", "ending", "place", "type")):
            return row
    return None


async def put(email: str, **wanted: object) -> None:
    """Put a rule in force in an operator's name; one for the same documents is superseded."""
    async with transaction(ACTOR.tenancy) as session:
        rule = await draft(session, **wanted)  # pyright: ignore[reportArgumentType] the options as they came
        before = await _same(session, rule)
        row = await retention_rules.set_rule(
            session, await author(session, email), rule, before=before.id if before else None
        )
    what = f"Version {row.version}" if before else "A new rule"
    out.print(f"{what} is in force: {row.days} days. Dates of documents follow.")


async def preview(**wanted: object) -> None:
    """Say what a rule would delete in the next days."""
    async with transaction(ACTOR.tenancy) as session:
        rule = await draft(session, **wanted)  # pyright: ignore[reportArgumentType] the options as they came
        before = await _same(session, rule)
        counted = await retention_forecasts.preview(session, ACTOR, rule, before=before.id if before else None)
    _print(counted)


def _print(one: Forecast) -> None:
    table = Table("Day", "Partner", "Type", "Documents", "Of these held", box=None, pad_edge=False)
    for group in sorted(one.groups, key=lambda group: (group.day, group.partner, group.type)):
        words = (f"{group.day}", group.partner, group.type or "unknown", str(group.documents), str(group.held))
        table.add_row(*words)
    least = "at least " if one.is_capped else ""
    out.print(f"{least}{one.documents - one.held} documents go in {one.days} days, {one.held} more are held.")
    if one.groups:
        out.print(table)


async def run() -> None:
    """Delete now what is past its time, until nothing is left."""
    documents = objects = held = 0
    while (done := await jobs.run()) is not None:
        documents, objects, held = documents + done.documents, objects + done.objects, done.held
        if not done.documents:
            break
    gone = await jobs.tidy()
    out.print(f"{documents} documents and {objects} files deleted; {held} held.")
    out.print(", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in gone.items()) + " forgotten.")


async def place(email: str, given: legal_holds.Draft) -> None:
    """Place a hold in an operator's name."""
    async with transaction(ACTOR.tenancy) as session:
        row = await legal_holds.place(session, await author(session, email), given)
    out.print(f"{public_id(Prefix.LEGAL_HOLD, row.id)} stands.")


async def release(hold: str, email: str, why: str) -> None:
    """End a hold in an operator's name."""
    key: UUID = parse_public_id(Prefix.LEGAL_HOLD, hold)
    async with transaction(ACTOR.tenancy) as session:
        await legal_holds.release(session, await author(session, email), key, why=why)
    out.print(f"{hold} is released.")


async def holds() -> None:
    """List the holds that stand."""
    async with transaction(ACTOR.tenancy) as session:
        rows = await legal_holds.listed(session, ACTOR)
    if not rows:
        out.print("No hold stands.")
    for row in rows:
        subject = public_id(PREFIXES[HoldSubject(row.subject_type)], row.subject_id)
        ends = f"until {row.ends_at:%Y-%m-%d %H:%M} UTC" if row.ends_at else "open"
        hold = public_id(Prefix.LEGAL_HOLD, row.id)
        out.print(f"{hold} keeps {subject}, {ends}: {row.owner}, {row.basis}", soft_wrap=True)


def last_moment(day: str) -> datetime | None:
    """Read the last day of a hold: it stands through that day, in UTC."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
    except ValueError:
        stop(f"{day} is no date; write it like 2027-03-31.")
