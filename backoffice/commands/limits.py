"""Limits of one partner from the command line: what holds, exceptions from its plan, and their end."""

from datetime import datetime

from rich.table import Table

from backoffice.commands.admin import ACTOR, by_slug
from backoffice.commands.console import explain, out
from backoffice.db import transaction
from backoffice.models.plans import LimitName
from backoffice.services import fleet, limit_exceptions
from backoffice.viewmodels.limits import limit_rows


async def show(partner_slug: str) -> None:
    """Say what holds, and where it comes from."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            partner = await by_slug(session, partner_slug)
            line = await fleet.line(session, ACTOR, partner.id)
    table = Table("Limit", "Holds", "Used this month", "Plan", "Where it comes from")
    for row in limit_rows(line, since=None):
        table.add_row(row.key, row.value, row.used, row.usual, row.why or row.origin)
    out.print(table)


async def grant(partner_slug: str, name: LimitName, value: int, reason: str, last_day: datetime | None) -> None:
    """Let another limit hold; its last day is a whole day in UTC."""
    with explain():
        until = limit_exceptions.end_of(last_day.date()) if last_day else None
        async with transaction(ACTOR.tenancy) as session:
            partner = await by_slug(session, partner_slug)
            await limit_exceptions.grant(session, ACTOR, partner.id, name, value=value, reason=reason, until=until)
    out.print(f"{partner.name}: {name} is {value:,} from the next request on.")


async def end(partner_slug: str, name: LimitName) -> None:
    """Let the plan's own limit hold again."""
    with explain():
        async with transaction(ACTOR.tenancy) as session:
            partner = await by_slug(session, partner_slug)
            await limit_exceptions.end(session, ACTOR, partner.id, name)
    out.print(f"{partner.name}: {name} is the plan's again.")
