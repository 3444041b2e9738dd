"""The options of `backoffice retention` and `backoffice hold`; what they do is read when they are called."""

import asyncio
from typing import Annotated

import typer

retention = typer.Typer(no_args_is_help=True, help="Retention: how long what is kept, and what it deletes.")
hold = typer.Typer(no_args_is_help=True, help="Legal holds: what must not be deleted.")
Operator = Annotated[str, typer.Option("--as", help="E-mail of the operator who does it.")]
OfPartner = Annotated[str, typer.Option("--partner", help="Short name of a partner; none means every one.")]
Days = Annotated[int, typer.Argument(min=1, max=36500, help="How many days after it ended.")]
Ending = Annotated[str, typer.Option(help="approved, rejected, abandoned or canceled; none means any.")]
Place = Annotated[str, typer.Option("--issued-in", help="A country (FRA), EU or EEA; none means anywhere.")]
Kind = Annotated[str, typer.Option("--type", help="A type of document, such as passport; none means any.")]


@retention.command("list")
def retention_list() -> None:
    """List the rules in force, those that count first."""
    from backoffice.commands import retention

    asyncio.run(retention.show())


@retention.command("set")
def retention_set(  # noqa: PLR0913, PLR0917 what a rule says
    days: Days,
    basis: Annotated[str, typer.Argument(help="The law or promise that asks for it.")],
    author: Operator,
    partner_slug: OfPartner = "",
    ending: Ending = "",
    place: Place = "",
    type_: Kind = "",
    duty: Annotated[bool, typer.Option("--duty", help="A law: erasures wait until then, too.")] = False,
) -> None:
    """Put a rule in force; one for the same documents is superseded."""
    from backoffice.commands import retention

    asyncio.run(
        retention.put(
            author,
            days=days,
            basis=basis,
            partner_slug=partner_slug,
            ending=ending,
            place=place,
            type_=type_,
            duty=duty,
        )
    )


@retention.command("preview")
def retention_preview(
    days: Days, partner_slug: OfPartner = "", ending: Ending = "", place: Place = "", type_: Kind = ""
) -> None:
    """Count what a rule would delete in the next 7 days; nothing changes."""
    from backoffice.commands import retention

    asyncio.run(
        retention.preview(
            days=days, basis="preview", partner_slug=partner_slug, ending=ending, place=place, type_=type_, duty=False
        )
    )


@retention.command("run")
def retention_run() -> None:
    """Delete now what is past its time; the worker does the same every minute."""
    from backoffice.commands import retention

    asyncio.run(retention.run())


@hold.command("place")
def hold_place(  # noqa: PLR0913, PLR0917 what a hold says
    subject: Annotated[str, typer.Argument(help="doc_…, app_… or ptr_….")],
    author: Operator,
    owner: Annotated[str, typer.Option(help="Who asked for it and answers questions.")],
    basis: Annotated[str, typer.Option(help="The law or order; the partner is told this.")],
    reason: Annotated[str, typer.Option(help="What it is about; for our own people.")],
    until: Annotated[str, typer.Option(help="Its last day, such as 2027-03-31; none is open.")] = "",
) -> None:
    """Keep a document, a person or everything of a partner from deletion."""
    from backoffice.commands import retention
    from backoffice.services.legal_holds import Draft

    ends_at = retention.last_moment(until)
    given = Draft(subject=subject, owner=owner, basis=basis, reason=reason, ends_at=ends_at)
    asyncio.run(retention.place(author, given))


@hold.command("release")
def hold_release(
    hold_id: Annotated[str, typer.Argument(help="hld_…, as `hold list` prints it.")],
    author: Operator,
    why: Annotated[str, typer.Option(help="Why it ends.")],
) -> None:
    """End a hold; erasures that waited for it go on."""
    from backoffice.commands import retention

    asyncio.run(retention.release(hold_id, author, why))


@hold.command("list")
def hold_list() -> None:
    """List the holds that stand."""
    from backoffice.commands import retention

    asyncio.run(retention.holds())
