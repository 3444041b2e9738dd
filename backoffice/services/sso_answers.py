"""The way to a provider and back: the address that a browser is sent to, and who the answer says that it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backoffice.adapters import id_tokens, oidc, saml_responses
from backoffice.adapters.id_tokens import Expected
from backoffice.adapters.oidc import Client
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed, NotFound
from backoffice.i18n import N_
from backoffice.models.partners import Partner
from backoffice.models.single_sign_on import Kind, Person, SsoConnection
from backoffice.services import partners, saml_answers, sso_connections, sso_domains, sso_people, sso_requests
from backoffice.services.sso_people import NO_ADDRESS
from backoffice.services.sso_requests import Asked, Question

SCOPE = "openid email profile"
NONE_HERE = N_("There is no single sign-on here. Look at the address, or sign in with your password.")
DECLINED = saml_responses.DECLINED
GOOGLE = "https://accounts.google.com"
MICROSOFT = "login.microsoftonline.com"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a browser goes, and the cookie that it takes along."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Place:
    """Who signs in at `/login/sso/<slug>`."""

    partner_id: UUID
    name: str


async def place(slug: str) -> Place:
    """Say whose single sign-on has this short name; raises NotFound where there is none, whatever the reason."""
    if not partners.SLUG.fullmatch(slug):
        raise NotFound(NONE_HERE, code="sso_none")
    async with transaction(Tenancy.everyone()) as session:
        statement = (
            select(col(Partner.id), col(Partner.name))
            .join(SsoConnection, col(SsoConnection.partner_id) == col(Partner.id))
            .where(col(Partner.slug) == slug, col(SsoConnection.is_on))
        )
        row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(NONE_HERE, code="sso_none")
    return Place(row[0], row[1])


async def connection_of(partner_id: UUID) -> SsoConnection:
    """Read a connection that is on; raises NotFound."""
    async with transaction(Tenancy.everyone()) as session:
        row = await sso_connections.of(session, partner_id)
    if row is None or not row.is_on:
        raise NotFound(NONE_HERE, code="sso_none")
    return row


async def ask(connection: SsoConnection, *, next_url: str, session_id: UUID | None = None) -> Way:
    """Make the question for a provider; for a session it asks its person to sign in anew.

    Raises Unavailable for a provider that cannot be reached, Away without Redis.
    """
    if connection.kind == Kind.SAML:
        question = await saml_answers.ask(connection, next_url=next_url, session_id=session_id)
        return Way(saml_answers.authorization(connection, question), question.cookie)
    provider = await oidc.discover(connection.issuer)
    about = (connection.partner_id, connection.issuer, connection.client_id)
    question = await sso_requests.keep(*about, next_url=next_url, session_id=session_id)
    return Way(oidc.authorization(provider, _parameters(question)), question.cookie)


def _parameters(question: Question) -> dict[str, str]:
    asked = question.asked
    anew = {"prompt": "login", "max_age": "0"} if asked.session_id else {}
    return {
        "response_type": "code",
        "client_id": asked.client_id,
        "redirect_uri": sso_connections.redirect_uri(asked.partner),
        "scope": SCOPE,
        "state": question.state,
        "nonce": asked.nonce,
        "code_challenge": asked.challenge,
        "code_challenge_method": "S256",
    } | anew


async def person_of(connection: SsoConnection, asked: Asked, given: Mapping[str, str]) -> Person:
    """Read an answer of the kind that was asked for.

    Raises NotAllowed, with what did not fit as its code, Unavailable.
    """
    now_is = (connection.kind, connection.issuer, connection.client_id)
    if now_is != (asked.kind, asked.issuer, asked.client_id):
        raise id_tokens.untrusted("changed_meanwhile")
    if connection.kind == Kind.SAML:
        return await saml_answers.person_of(connection, asked, given.get(saml_answers.FIELD, ""))
    return await _by_code(connection, asked, given)


async def _by_code(connection: SsoConnection, asked: Asked, given: Mapping[str, str]) -> Person:
    """Redeem the code of an answer and check everything that comes back."""
    provider = await oidc.discover(asked.issuer)
    names_itself = given.get("iss", "")
    if names_itself != asked.issuer and (names_itself or provider.names_itself):
        raise id_tokens.untrusted("wrong_iss_parameter")
    if given.get("error") or not given.get("code"):
        raise NotAllowed(DECLINED, code="sso_declined")
    client = Client(
        connection.client_id, sso_connections.secret_of(connection), sso_connections.redirect_uri(asked.partner)
    )
    expected = Expected(asked.issuer, asked.client_id, asked.nonce, provider.algorithms, at=int(now().timestamp()))
    claims = await oidc.redeem(provider, client, code=given["code"], verifier=asked.verifier, expected=expected)
    person = _person(claims, asked.issuer)
    if asked.issuer == GOOGLE:
        await _check_hosted(connection.partner_id, claims.get("hd"))
    return person


async def _check_hosted(partner_id: UUID, domain: object) -> None:
    """See that an account at Google is of the company's own Workspace: Google vouches for anybody's address else."""
    async with transaction(Tenancy.everyone()) as session:
        is_theirs = isinstance(domain, str) and domain.isascii() and domain.isprintable()
        if not is_theirs or not await sso_domains.is_proven(session, partner_id, f"@{str(domain).lower()}"):
            raise NotAllowed(NO_ADDRESS, code="sso_wrong_hd")


def _person(claims: Mapping[str, Any], issuer: str) -> Person:
    subject, email = sso_people.subject(claims["sub"]), sso_people.address(claims.get("email"))
    if not _is_verified(claims, issuer):
        raise NotAllowed(NO_ADDRESS, code="sso_email_unverified")
    auth_time, amr = claims.get("auth_time"), claims.get("amr")
    return Person(
        issuer=issuer,
        subject=subject,
        email=email,
        name=sso_people.name(claims.get("name"), email),
        amr=sso_people.methods(cast("list[Any]", amr) if isinstance(amr, list) else []),
        auth_time=auth_time if isinstance(auth_time, int) and not isinstance(auth_time, bool) else None,
    )


def _is_verified(claims: Mapping[str, Any], issuer: str) -> bool:
    """Believe an address that the provider says it has verified; Microsoft says so in words of its own (`xms_edov`)."""
    if claims.get("email_verified") is True:
        return True
    is_theirs = urlsplit(issuer).hostname == MICROSOFT and "email_verified" not in claims
    return is_theirs and claims.get("xms_edov") in (True, "1", "true")
