"""What is typed about partners; the work is in `admin.py` and `limits.py`."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from backoffice.models.partners import Plan
from backoffice.models.plans import LimitName

partner = typer.Typer(no_args_is_help=True, help="Partners: the companies that send documents.")
OfPartner = Annotated[str, typer.Argument(metavar="PARTNER", help="Short name of a partner.")]


@partner.command("create")
def partner_create(name: str, slug: str, plan: Plan = Plan.STANDARD, region: str = "") -> None:
    """Take a partner on and print its id; in which region its data are never changes."""
    from backoffice.commands import admin

    asyncio.run(admin.create_partner(name, slug, plan, region))


@partner.command("suspend")
def partner_suspend(
    partner_slug: str,
    reason: Annotated[str, typer.Option(help="Why; the audit trail keeps it, and the partner can read it there.")],
) -> None:
    """Shut a partner out: its keys, its people and their open pages, within a second."""
    from backoffice.commands import admin

    asyncio.run(admin.suspend(partner_slug, reason))


@partner.command("resume")
def partner_resume(partner_slug: str) -> None:
    """Let a suspended partner in again."""
    from backoffice.commands import admin

    asyncio.run(admin.resume(partner_slug))


@partner.command("open-networks")
def partner_open_networks(partner_slug: str) -> None:
    """Let the people of a partner in from everywhere again, after they locked themselves out."""
    from backoffice.commands import admin

    asyncio.run(admin.open_networks(partner_slug))


@partner.command("limits")
def partner_limits(partner_slug: OfPartner) -> None:
    """Say which limits hold for a partner, and where each comes from."""
    from backoffice.commands import limits

    asyncio.run(limits.show(partner_slug))


@partner.command("limit")
def partner_limit(
    partner_slug: OfPartner,
    name: LimitName,
    value: int,
    reason: Annotated[str, typer.Option(help="Why; the audit trail keeps it, and the partner can read it there.")],
    until: Annotated[
        datetime | None, typer.Option(help="The last day, in UTC; none: until it is taken back.", formats=["%Y-%m-%d"])
    ] = None,
) -> None:
    """Let another limit hold for a partner in place of its plan's, from the next request on."""
    from backoffice.commands import limits

    asyncio.run(limits.grant(partner_slug, name, value, reason, until))


@partner.command("plan-limit")
def partner_plan_limit(partner_slug: OfPartner, name: LimitName) -> None:
    """End an exception: the plan's own limit holds again."""
    from backoffice.commands import limits

    asyncio.run(limits.end(partner_slug, name))
