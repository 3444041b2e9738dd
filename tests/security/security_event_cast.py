"""Everything that is a security event, done once each: who does it, from where, and what the trail has to say of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import httpx2
from starlette.applications import Starlette
from starlette.routing import Mount

from backoffice.api.app import partner_api
from backoffice.api.refusals import note_page
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError
from backoffice.models.members import Role
from backoffice.services import (
    own_logins,
    passkey_sign_in,
    passkeys,
    password_changes,
    password_resets,
    sessions,
    sign_in,
    sign_in_limits,
    step_up,
)
from backoffice.services.access import Actor
from backoffice.services.refusals import refusals
from backoffice.services.sessions import Visitor
from tests.api.world import make_world
from tests.authenticator import Device
from tests.services.people import PASSWORD, SYSTEM, Person, make_person, visitor

EVERYONE = Tenancy.everyone()
FRESH = "seven quiet otters swim"
REQUEST = "req_64000000000000000000000000"


@dataclass(frozen=True)
class Done:
    """What is about to happen, and what the entry of it says."""

    act: Callable[[], Awaitable[Any]]
    who: tuple[str, UUID | None]
    ip: str
    subject: tuple[str, UUID | None] | None = None
    """None where it is made by the act itself."""


def stranger() -> Visitor:
    return replace(visitor(), request_id=REQUEST)


async def call(function, actor: Actor, *given, **named):
    async with transaction(actor.tenancy) as session:
        return await function(session, actor, *given, **named)


async def entered(role: Role, partner_id: UUID | None = None) -> tuple[Person, Actor, str]:
    """Sign somebody in: who they are, how they act, and their secret."""
    person, who = await make_person(role, partner_id), stranger()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    step = (await sign_in.with_code(step.secret, person.code(), who)) if person.totp_secret else step
    return person, step.actor, step.secret


def by(actor: Actor, act: Callable[[], Awaitable[Any]], *subject) -> Done:
    return Done(act, (actor.type, actor.id), actor.ip, subject or None)


def unknown(who: Visitor, act, *subject) -> Done:
    """Somebody who is not signed in: the entry names no person, and whose login it is about."""
    return Done(act, ("system", None), who.ip, subject)


async def tried(attempt: Awaitable[Any]) -> None:
    """Do what is refused."""
    try:
        await attempt
    except BackofficeError:
        return
    raise AssertionError("this was let through")


async def password_right() -> Done:
    person, who = await make_person(Role.PARTNER_ANALYST), stranger()
    return Done(
        lambda: sign_in.with_password(person.email, PASSWORD, who), ("member", person.id), who.ip, ("member", person.id)
    )


async def password_wrong() -> Done:
    person, who = await make_person(Role.PARTNER_ANALYST), stranger()
    return unknown(who, lambda: tried(sign_in.with_password(person.email, "wrong", who)), "member", person.id)


async def address_unknown() -> Done:
    email, who = f"{uuid4().hex}@example.test", stranger()
    account = sign_in_limits.fingerprint(email)
    return unknown(who, lambda: tried(sign_in.with_password(email, "wrong", who)), "account", account)


async def throttled() -> Done:
    done = await password_wrong()
    for _ in range(sign_in_limits.PER_ACCOUNT_AND_ADDRESS):
        await done.act()
    return done


async def code_right() -> Done:
    person, who = await make_person(Role.REVIEWER), stranger()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    act = lambda: sign_in.with_code(step.secret, person.code(), who)  # noqa: E731 as short as its neighbours
    return Done(act, ("member", person.id), who.ip, ("member", person.id))


async def code_wrong() -> Done:
    person, who = await make_person(Role.REVIEWER), stranger()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    return unknown(who, lambda: tried(sign_in.with_code(step.secret, "000000", who)), "member", person.id)


async def recovery_codes_made() -> Done:
    person, actor, _ = await entered(Role.REVIEWER)
    return by(actor, lambda: own_logins.new_recovery_codes(actor, person.code(), stranger()), "member", person.id)


async def recovery_code_used() -> Done:
    person, actor, _ = await entered(Role.REVIEWER)
    [code, *_], who = await own_logins.new_recovery_codes(actor, person.code(), stranger()), stranger()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    act = lambda: sign_in.with_recovery_code(step.secret, code, who)  # noqa: E731
    return Done(act, ("member", person.id), who.ip, ("member", person.id))


async def factor_set_on_the_way_in() -> Done:
    person, who = await make_person(Role.PARTNER_ADMIN), stranger()
    async with transaction(EVERYONE) as session:
        (await session.get_one(sign_in.Member, person.id)).totp_secret_box = None
    step = await sign_in.with_password(person.email, PASSWORD, who)
    person.totp_secret = (await sign_in.waiting_for_code(step.secret, who)).totp_seed
    act = lambda: sign_in.with_code(step.secret, person.code(), who)  # noqa: E731
    return Done(act, ("member", person.id), who.ip, ("member", person.id))


async def own_code_wrong() -> Done:
    person, actor, _ = await entered(Role.REVIEWER)
    who = stranger()
    return unknown(who, lambda: tried(own_logins.new_recovery_codes(actor, "000000", who)), "member", person.id)


async def _holder() -> tuple[Person, Actor, Device]:
    (person, actor, _), device = await entered(Role.PARTNER_ANALYST), Device()
    await passkeys.finish(actor, device.make(await passkeys.begin(actor)), "Phone")
    return person, actor, device


async def passkey_added() -> Done:
    (person, actor, _), device = await entered(Role.PARTNER_ANALYST), Device()
    made = device.make(await passkeys.begin(actor))
    return by(actor, lambda: passkeys.finish(actor, made, "Phone"), "member", person.id)


async def passkey_removed() -> Done:
    person, actor, _ = await _holder()
    [one] = await call(passkeys.mine, actor)
    return by(actor, lambda: passkeys.remove(actor, one.id), "member", person.id)


async def passkey_right() -> Done:
    (person, _, device), who = await _holder(), stranger()
    signed = device.sign(await passkey_sign_in.begin(who))
    act = lambda: passkey_sign_in.with_passkey(signed, who)  # noqa: E731
    return Done(act, ("member", person.id), who.ip, ("member", person.id))


async def passkey_wrong() -> Done:
    (person, _, device), who = await _holder(), stranger()
    forged = Device(credential_id=device.credential_id, user_handle=device.user_handle, count=9)
    signed = forged.sign(await passkey_sign_in.begin(who))
    return unknown(who, lambda: tried(passkey_sign_in.with_passkey(signed, who)), "member", person.id)


async def confirmed() -> Done:
    person, actor, _ = await entered(Role.PARTNER_ADMIN)
    proof = step_up.Proof(code=person.code())
    return by(actor, lambda: step_up.confirm(actor, proof, stranger()), "member", person.id)


async def not_confirmed() -> Done:
    (person, actor, _), who = await entered(Role.PARTNER_ADMIN), stranger()
    return unknown(who, lambda: tried(step_up.confirm(actor, step_up.Proof(code="000000"), who)), "member", person.id)


async def signed_out() -> Done:
    person, actor, secret = await entered(Role.PARTNER_ANALYST)
    who = stranger()
    return Done(lambda: sign_in.sign_out(secret, who), ("member", person.id), who.ip, ("session", actor.session_id))


async def session_revoked() -> Done:
    person, actor, _ = await entered(Role.PARTNER_ANALYST)
    other = await sign_in.with_password(person.email, PASSWORD, stranger())
    revoked = other.actor.session_id
    return by(actor, lambda: call(sessions.revoke, actor, revoked), "session", revoked)


async def password_changed() -> Done:
    person, actor, _ = await entered(Role.PARTNER_ANALYST)
    return by(actor, lambda: password_changes.change(actor, PASSWORD, FRESH, stranger()), "member", person.id)


async def present_password_wrong() -> Done:
    (person, actor, _), who = await entered(Role.PARTNER_ANALYST), stranger()
    return unknown(who, lambda: tried(password_changes.change(actor, "wrong", FRESH, who)), "member", person.id)


async def reset_asked() -> Done:
    person, who = await make_person(Role.PARTNER_ANALYST), stranger()
    account = sign_in_limits.fingerprint(person.email)
    return unknown(who, lambda: password_resets.ask(person.email, who), "account", account)


async def reset_done() -> Done:
    person, who = await make_person(Role.PARTNER_ANALYST), stranger()
    link = await call(password_resets.link_of, SYSTEM, person.email)
    token = link.rpartition("/")[2]
    return unknown(who, lambda: password_resets.choose(token, FRESH, who), "member", person.id)


async def key_refused() -> Done:
    world, ip = await make_world(), stranger().ip
    headers = await world.headers("narrow", scopes={"documents:read"})

    async def ask(path: str) -> int:
        transport = httpx2.ASGITransport(app=Starlette(routes=[Mount("/api/v1", partner_api)]), client=(ip, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get(f"/api/v1/{path}", headers=headers)).status_code

    assert await ask("documents") == 200
    return Done(lambda: ask("audit_entries"), ("api_key", world.key_ids["narrow"]), ip, ("", None))


async def page_refused() -> Done:
    _, actor, _ = await entered(Role.PARTNER_ANALYST)
    return by(actor, lambda: note_page(actor, "/partner/team"), "", None)


async def handler_refused() -> Done:
    _, actor, _ = await entered(Role.PARTNER_ANALYST)
    act = lambda: refusals.note(actor, "event.refused", {"event": "x", "reason": "permission"})  # noqa: E731
    return by(actor, act, "", None)
