"""The one provider of a partner: set by its administrators, tried out, switched off."""

from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import boxes, live, oidc, outbound, saml_signatures
from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import BackofficeError, Conflict, Invalid, NotFound, TooMany
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Member, Role, Session
from backoffice.models.partners import Partner
from backoffice.models.single_sign_on import (
    GIVEN_ROLES,
    MAX_CLIENT,
    MAX_ISSUER,
    MAX_SECRET,
    WAY,
    Draft,
    Finding,
    Kind,
    Sso,
    SsoConnection,
    SsoIdentity,
)
from backoffice.services import (
    audit,
    known_browsers,
    members,
    saml_settings,
    sessions,
    sso_domains,
    workspace_settings,
)
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.services.vault import aad
from backoffice.settings import settings

KEY_PURPOSE = "sso-secret:1"
COLUMN = "secret_box"
CALLBACK = "/auth/sso/callback"
PAGE = "/login/sso"
TESTS, TEST_SECONDS = 10, 60
FIELDS = ("kind", "issuer", "client_id", "saml_url", "role", "asks_second_factor", "is_only_way")


def redirect_uri(partner_id: UUID) -> str:
    """Say where a partner's provider sends people back to: an address of that partner's own (RFC 9700 §4.4.2).

    An answer of one partner's provider that is brought to another's question comes in at the wrong address.
    """
    return f"{settings().url}{CALLBACK}/{public_id(Prefix.PARTNER, partner_id)}"


async def of(session: AsyncSession, partner_id: UUID) -> SsoConnection | None:
    """Find a partner's connection, as it is now; who may ask is the caller's to check."""
    statement = select(SsoConnection).where(col(SsoConnection.partner_id) == partner_id)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def held(session: AsyncSession, partner_id: UUID, *, is_shared: bool = False) -> SsoConnection | None:
    """Find a partner's connection and keep it as it is until the end; it is locked before everything else.

    Who signs in shares it with others who do, so that nobody changes it meanwhile.
    """
    statement = select(SsoConnection).where(col(SsoConnection.partner_id) == partner_id)
    statement = statement.with_for_update(read=is_shared).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def look(session: AsyncSession, actor: Actor) -> Sso:
    """Show the actor's partner's single sign-on."""
    actor.require(Permission.MEMBERS_READ)
    partner_id = actor.require_partner()
    slug = (await session.execute(select(col(Partner.slug)).where(col(Partner.id) == partner_id))).scalar_one()
    people = select(func.count()).where(col(SsoIdentity.partner_id) == partner_id)
    connection = await of(session, partner_id)
    return Sso(
        connection=connection,
        domains=tuple(await sso_domains.listed(session, partner_id)),
        people=(await session.execute(people)).scalar_one(),
        redirect_uri=redirect_uri(partner_id),
        sign_in_url=f"{settings().url}{PAGE}/{slug}",
        saml=saml_settings.places(partner_id),
        certificates=saml_settings.facts(connection),
        has_saml=saml_signatures.is_installed(),
    )


async def everyone(session: AsyncSession, actor: Actor) -> list[tuple[Partner, SsoConnection]]:
    """List every partner's connection, for our own people."""
    actor.require(Permission.PARTNERS_READ)
    statement = select(Partner, SsoConnection).join(SsoConnection, col(SsoConnection.partner_id) == col(Partner.id))
    return [(row[0], row[1]) for row in await session.execute(statement.order_by(col(Partner.slug)))]


def secret_of(connection: SsoConnection) -> str:
    """Open the client's secret, to be sent to its provider and nowhere else."""
    return boxes.open_(KEY_PURPOSE, connection.secret_box or b"", aad(connection.id, COLUMN)).decode()


def checked(draft: Draft) -> Draft:
    """Tidy what somebody typed.

    Raises Invalid, whose pointer names the field.
    """
    if draft.role not in GIVEN_ROLES:
        raise Invalid("New people become analysts or developers.", code="invalid_role", pointer="/role")
    return saml_settings.checked(draft) if draft.kind == Kind.SAML else _checked_oidc(draft)


def _checked_oidc(draft: Draft) -> Draft:
    issuer, client_id, secret = draft.issuer.strip(), draft.client_id.strip(), draft.secret.strip()
    try:
        outbound.check_form(issuer, allow_hosts=settings().webhook_allow_hosts)
    except Invalid as error:
        raise Invalid(str(error), code="invalid_issuer", pointer="/issuer") from None
    if len(issuer) > MAX_ISSUER or "?" in issuer or "#" in issuer:
        sentence = "An issuer is an address without ? and #, exactly as your provider writes it."
        raise Invalid(sentence, code="invalid_issuer", pointer="/issuer")
    if not 0 < len(client_id) <= MAX_CLIENT or not client_id.isprintable():
        raise Invalid("Write the client ID that your provider shows.", code="invalid_client", pointer="/client_id")
    if len(secret) > MAX_SECRET or not secret.isprintable():
        raise Invalid("This is not a client secret.", code="invalid_secret", pointer="/secret")
    return Draft(issuer, client_id, secret, draft.role, draft.asks_second_factor, draft.is_only_way, draft.version)


async def save(session: AsyncSession, actor: Actor, draft: Draft) -> SsoConnection:
    """Let a connection hold from now on; it is on then.

    Another kind, issuer or client makes strangers of everybody who came by the one before: their sessions end, and at
    their next sign-in they are known by their address again. Raises Invalid, Conflict when somebody was faster.
    """
    actor.require(Permission.MEMBERS_WRITE)
    actor.require_fresh()
    partner_id, wanted = actor.require_partner(), checked(draft)
    before = await held(session, partner_id)
    if (before.version if before else 0) != wanted.version:
        raise _stale()
    is_other = before is None or _who(before) != _who(wanted)
    if is_other and not wanted.secret and wanted.kind == Kind.OIDC:
        raise Invalid("A new issuer or client ID needs its own secret.", code="secret_missing", pointer="/secret")
    if wanted.is_only_way:
        await _refuse_lockout(session, partner_id)
    row = before or SsoConnection(
        id=new_id(), partner_id=partner_id, version=0, issuer=wanted.issuer, client_id=wanted.client_id
    )
    changes = _changes(before, wanted)
    try:
        await _write(session, actor, row, wanted)
    except IntegrityError:
        if before is not None:
            raise
        raise _stale() from None  # two first ones at once
    await audit.record(
        session, actor, "single_sign_on.changed" if before else "single_sign_on.set", subject_type="sso_connection",
        subject_id=row.id, partner_id=partner_id, changes=changes,
    )  # fmt: skip
    await _end_what_does_not_hold(session, actor, row, is_other=is_other)
    return row


def _who(told: SsoConnection | Draft) -> tuple[str, str, str]:
    """Name whom people are known by: what anybody else vouches for is about other people."""
    return told.kind, told.issuer, told.client_id


def _stale() -> Conflict:
    return Conflict("Somebody changed this since you opened it. Look again.", code="stale_version")


async def _write(session: AsyncSession, actor: Actor, row: SsoConnection, wanted: Draft) -> None:
    for name in FIELDS:
        setattr(row, name, getattr(wanted, name))
    row.certificates = saml_settings.pems(wanted)
    if wanted.kind == Kind.SAML:
        row.secret_box = None
    elif wanted.secret:
        row.secret_box = boxes.seal(KEY_PURPOSE, wanted.secret.encode(), aad(row.id, COLUMN))
    row.is_on, row.version, row.changed_at = True, row.version + 1, now()
    row.changed_by = actor.id if actor.type == ActorType.MEMBER else None
    session.add(row)
    await session.flush()
    live.announce(session, sso_domains.topic(row.partner_id), workspace_settings.security_topic(row.partner_id))


def _changes(before: SsoConnection | None, wanted: Draft) -> dict[str, object]:
    was = {name: getattr(before, name) if before else None for name in FIELDS}
    changed: dict[str, object] = {
        name: [was[name], new]
        for name in FIELDS
        if was[name] != (new := getattr(wanted, name)) and (was[name], new) != (None, "")
    }
    if before is not None and not before.is_on:
        changed["is_on"] = [False, True]
    marks = [
        saml_settings.fingerprints(one) for one in (before.certificates if before else [], saml_settings.pems(wanted))
    ]
    if marks[0] != marks[1]:
        changed["certificates"] = marks
    return changed | ({"secret": True} if wanted.secret else {})


async def _refuse_lockout(session: AsyncSession, partner_id: UUID) -> None:
    """See that people can come in by the provider, and an administrator without it."""
    if not any(one.confirmed_at for one in await sso_domains.listed(session, partner_id)):
        sentence = "Nobody could come in: none of your domains is proven yet."
        raise Invalid(sentence, code="would_lock_out", pointer="/is_only_way")
    able = exists().where(
        col(Member.partner_id) == partner_id,
        col(Member.role) == Role.PARTNER_ADMIN,
        col(Member.disabled_at).is_(None),
        sessions.has_second_factor(),
    )
    if not (await session.execute(select(able))).scalar_one():
        sentence = (
            "Nobody could come in while your provider is away: no administrator has a second factor here. "
            "Set one up first."
        )
        raise Invalid(sentence, code="would_lock_out", pointer="/is_only_way")


async def _end_what_does_not_hold(session: AsyncSession, actor: Actor, row: SsoConnection, *, is_other: bool) -> None:
    if is_other:
        await session.execute(delete(SsoIdentity).where(col(SsoIdentity.partner_id) == row.partner_id))
        await _end_sessions(session, actor, row.partner_id, is_by_provider=True)
    if not row.asks_second_factor:
        lost = update(Session).where(col(Session.partner_id) == row.partner_id, col(Session.has_outside_factor))
        await session.execute(lost.values(has_outside_factor=False))
    if row.is_only_way:
        await _end_sessions(session, actor, row.partner_id, is_by_provider=False)


async def _end_sessions(session: AsyncSession, actor: Actor, partner_id: UUID, *, is_by_provider: bool) -> None:
    """End the sessions that came by the provider, or those of people who have to come by it from now on.

    Where they were is known no more.
    """
    way = (
        (col(Session.way) == WAY,)
        if is_by_provider
        else (col(Session.way) != WAY, col(Member.role) != Role.PARTNER_ADMIN)
    )
    statement = (
        select(col(Session.id))
        .join(Member, col(Member.id) == col(Session.member_id))
        .where(col(Session.partner_id) == partner_id, col(Session.revoked_at).is_(None), *way)
        .where(col(Session.expires_at) > now())
    )
    ids = [one for one in (await session.execute(statement)).scalars() if one != actor.session_id]
    await sessions.end(session, actor, ids)
    await known_browsers.end_at(session, actor, ids)


async def switch_off(session: AsyncSession, actor: Actor, partner_id: UUID) -> bool:
    """Take single sign-on away: its sessions end, and passwords work for everybody again.

    Its administrators do it, or our own people for who is locked out. Answers False when it was off already.
    """
    actor.require(Permission.PARTNERS_WRITE if actor.is_staff else Permission.MEMBERS_WRITE)
    actor.require_fresh()
    row = found(await held(session, partner_id) if actor.owns(partner_id) else None, "single sign-on")
    if not row.is_on:
        return False
    row.is_on, row.is_only_way = False, False
    row.version, row.changed_at = row.version + 1, now()
    await session.flush()
    await audit.record(
        session, actor, "single_sign_on.switched_off", subject_type="sso_connection", subject_id=row.id,
        partner_id=partner_id,
    )  # fmt: skip
    await _end_sessions(session, actor, partner_id, is_by_provider=True)
    live.announce(session, sso_domains.topic(partner_id), workspace_settings.security_topic(partner_id))
    return True


async def unlink(session: AsyncSession, actor: Actor, email: str) -> None:
    """Forget which account at the provider somebody is, and end the sessions that came by it.

    Raises NotFound for who is linked with none.
    """
    actor.require(Permission.SYSTEM)
    member = await members.by_email(session, email)
    gone = delete(SsoIdentity).where(col(SsoIdentity.member_id) == (member.id if member else None))
    ended = await session.execute(gone.returning(col(SsoIdentity.member_id)))
    if member is None or ended.scalar_one_or_none() is None:
        raise NotFound(f"Nobody is linked with a provider under {email}.")
    await sessions.revoke_all(session, actor, member.id)
    await audit.record(
        session, actor, "member.sso_unlinked", subject_type="member", subject_id=member.id,
        partner_id=member.partner_id,
    )  # fmt: skip


async def try_out(actor: Actor) -> list[Finding]:
    """Ask the provider what a sign-in would ask, without signing anybody in, and say what is wrong in plain words.

    Raises NotFound without a connection, TooMany.
    """
    actor.require(Permission.MEMBERS_WRITE)
    partner_id = actor.require_partner()
    await _admit_test(partner_id)
    async with transaction(actor.tenancy) as session:
        row = found(await of(session, partner_id), "single sign-on")
        domains = await sso_domains.listed(session, partner_id)
        await audit.record(session, actor, "single_sign_on.tested", subject_type="sso_connection", subject_id=row.id)
    proven = sum(one.confirmed_at is not None for one in domains)
    about = (
        Finding(is_good=True, words=f"{proven} of {len(domains)} domains are proven.")
        if proven
        else Finding(is_good=False, words="No domain is proven yet, so nobody is let in.")
    )
    told = saml_settings.findings(row) if row.kind == Kind.SAML else await _provider_findings(row.issuer)
    return [*told, about]


async def _admit_test(partner_id: UUID) -> None:
    try:
        hit = await live.hit(f"sso:test:{partner_id}", TESTS, TEST_SECONDS)
    except live.Away:
        return
    if not hit.is_allowed:
        raise TooMany("Too many tests. Wait a minute.", code="sso_tests", retry_after=hit.reset_seconds)


async def _provider_findings(issuer: str) -> list[Finding]:
    try:
        provider = await oidc.discover(issuer, is_fresh=True)
        keys = await oidc.keys_of(provider, is_fresh=True)
    except BackofficeError as error:
        return [Finding(is_good=False, words=str(error))]
    usable = oidc.usable_keys(provider, keys)
    told = [Finding(is_good=True, words="The provider's document was read, and it is of this issuer.")]
    signs = ", ".join(provider.algorithms)
    if usable:
        told.append(Finding(is_good=True, words=f"{usable} keys can sign for us ({signs})."))
    else:
        told.append(Finding(is_good=False, words=f"None of its keys can sign as it says it does ({signs})."))
    if not provider.has_pkce:
        told.append(Finding(is_good=True, words="It does not say that it checks PKCE; we send it all the same."))
    return told
