"""The options of `backoffice sso`; what they do is read when they are called."""

import asyncio
from typing import Annotated

import typer

sso = typer.Typer(no_args_is_help=True, help="Single sign-on of partners: domains that are proven, and switching off.")
OfPartner = Annotated[str, typer.Argument(metavar="PARTNER", help="Short name of a partner.")]


@sso.command("list")
def sso_list() -> None:
    """List the partners with single sign-on, and every domain with the record that proves it."""
    from backoffice.commands import sso

    asyncio.run(sso.show())


@sso.command("confirm")
def sso_confirm(
    partner_slug: OfPartner,
    domain: Annotated[str, typer.Argument(help="The domain whose TXT record you have seen.")],
) -> None:
    """Note that a domain is the partner's: you have looked its TXT record up."""
    from backoffice.commands import sso

    asyncio.run(sso.confirm(partner_slug, domain))


@sso.command("disable")
def sso_disable(partner_slug: OfPartner) -> None:
    """Switch a partner's single sign-on off, for people who are locked out: passwords work again."""
    from backoffice.commands import sso

    asyncio.run(sso.disable(partner_slug))


@sso.command("unlink")
def sso_unlink(email: Annotated[str, typer.Argument(help="Of the person.")]) -> None:
    """Forget which account at the provider somebody is linked with; their next sign-in links them anew."""
    from backoffice.commands import sso

    asyncio.run(sso.unlink(email))
