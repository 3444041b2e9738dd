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
from backoffice.models.base import new_id
from backoffice.models.exports import Asked, ExportFormat, ExportKind
from backoffice.models.members import Role
from backoffice.models.plans import LimitName
from backoffice.models.retention_rules import Draft
from backoffice.services import (
    api_keys,
    audit_entries,
    audit_files,
    colleagues,
    custom_role_changes,
    exports,
    limit_exceptions,
    own_logins,
    passkey_sign_in,
    passkeys,
    password_changes,
    password_resets,
    plan_changes,
    policies,
    retention_rules,
    reveals,
    sessions,
    sign_in,
    sign_in_limits,
    step_up,
    webhook_endpoints,
    workspace_settings,
)
from backoffice.services.access import Actor
from backoffice.services.audit_entries import Filter
from backoffice.services.permissions import Permission
from backoffice.services.refusals import refusals
from backoffice.services.sessions import Visitor
from backoffice.services.workspace_settings import Rules, Security
from tests.api.world import make_world
from tests.authenticator import Device
from tests.services import rotation_cast
from tests.services.people import PASSWORD, SYSTEM, Person, make_person, visitor
from tests.services.policy_cast import APPROVES
from tests.services.review_cast import Cast, in_review
from tests.services.test_audit_seals import seal_all
from tests.services.test_exports import written

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


async def _admin() -> Actor:
    _, actor, _ = await entered(Role.PARTNER_ADMIN)
    return replace(actor, request_id=REQUEST)


async def _operator() -> Actor:
    _, actor, _ = await entered(Role.OPERATOR)
    return replace(actor, request_id=REQUEST)


async def revealed() -> Done:
    actor = await _admin()
    document = (await in_review(Cast(type("P", (), {"id": actor.partner_id})()))).document_id
    return by(actor, lambda: call(reveals.begin, actor, document, purpose="support"), "document", document)


async def export_asked() -> Done:
    actor = await _admin()
    key = await exports.wrap_key(actor.partner_id)
    asked = Asked(uuid4(), ExportKind.DOCUMENTS, ExportFormat.CSV, livemode=True, filters={})
    return by(actor, lambda: call(exports.begin, actor, asked, key))


async def export_fetched() -> Done:
    actor = await _admin()
    row = await written(actor)
    return by(actor, lambda: call(exports.opened, actor, row.id), "export", row.id)


async def key_made() -> Done:
    actor = await _admin()
    made = {"name": "Server", "livemode": False, "scopes": ["documents:read"]}
    return by(actor, lambda: call(api_keys.create, actor, **made))


async def key_used_first() -> Done:
    key, token = await rotation_cast.make(await make_world())
    return Done(lambda: rotation_cast.use(token), ("api_key", key.id), "203.0.113.9", ("api_key", key.id))


async def _key(actor: Actor):
    return await call(api_keys.create, actor, name="Server", livemode=False, scopes=["documents:read"])


async def key_rotation_started() -> Done:
    actor = await _admin()
    key, _ = await _key(actor)
    return by(actor, lambda: call(api_keys.rotate, actor, key.id), "api_key", key.id)


async def key_rotated() -> Done:
    actor = await _admin()
    key, old = await _key(actor)
    await rotation_cast.use(old)
    _, token = await call(api_keys.rotate, actor, key.id)
    return Done(lambda: rotation_cast.use(token), ("api_key", key.id), "203.0.113.9", ("api_key", key.id))


async def key_revoked() -> Done:
    actor = await _admin()
    key, _ = await _key(actor)
    return by(actor, lambda: call(api_keys.revoke, actor, key.id), "api_key", key.id)


async def endpoint_made() -> Done:
    actor = await _admin()
    return by(actor, lambda: call(webhook_endpoints.create, actor, url="http://127.0.0.1:9/hook", livemode=False))


async def _endpoint(function) -> Done:
    actor = await _admin()
    row, _ = await call(webhook_endpoints.create, actor, url="http://127.0.0.1:9/hook", livemode=False)
    return by(actor, lambda: call(function, actor, row.id), "webhook_endpoint", row.id)


async def endpoint_secret_rotated() -> Done:
    return await _endpoint(webhook_endpoints.rotate_secret)


async def endpoint_disabled() -> Done:
    return await _endpoint(webhook_endpoints.disable)


async def endpoint_deleted() -> Done:
    return await _endpoint(webhook_endpoints.delete)


async def settings_changed() -> Done:
    actor = await _admin()
    wanted = Rules(0, Security(session_hours=4))
    return by(actor, lambda: call(workspace_settings.save, actor, wanted))


async def rule_added() -> Done:
    actor = await _operator()
    partner_id = (await make_world()).partner_id
    draft = Draft(days=30, basis="Contract", partner_id=partner_id)
    return by(actor, lambda: call(retention_rules.set_rule, actor, draft))


async def policy_drafted() -> Done:
    actor, partner_id = await _operator(), (await make_world()).partner_id
    return by(actor, lambda: call(policies.draft, actor, source=APPROVES, note="", partner_id=partner_id))


async def policy_published() -> Done:
    writer, actor, partner_id = await _operator(), await _operator(), (await make_world()).partner_id
    version = await call(policies.draft, writer, source=APPROVES, note="", partner_id=partner_id)
    return by(actor, lambda: call(policies.publish, actor, version.id), "policy_version", version.id)


async def limit_granted() -> Done:
    actor, partner_id = await _operator(), (await make_world()).partner_id
    name = LimitName.DOCUMENTS_PER_MONTH
    act = lambda: call(limit_exceptions.grant, actor, partner_id, name, value=999_999, reason="Ticket 64")  # noqa: E731
    return by(actor, act, "partner", partner_id)


async def plan_changed() -> Done:
    actor = await _admin()
    return by(actor, lambda: call(plan_changes.change, actor, plan_changes.Plan.ENTERPRISE))


async def role_changed() -> Done:
    actor = await _admin()
    other = await make_person(Role.PARTNER_DEVELOPER, actor.partner_id)
    named = {"before": Role.PARTNER_DEVELOPER}
    act = lambda: call(colleagues.change_role, actor, other.id, Role.PARTNER_ANALYST, **named)  # noqa: E731
    return by(actor, act, "member", other.id)


async def role_made() -> Done:
    actor = await _admin()
    named = {"name": f"Desk {new_id().hex[:6]}", "permissions": [Permission.DOCUMENTS_READ, Permission.AUDIT_READ]}
    return by(actor, lambda: call(custom_role_changes.create, actor, **named))


async def audit_read() -> Done:
    actor = await _admin()
    return by(actor, lambda: call(audit_entries.page, actor, Filter()), "", None)


async def audit_exported() -> Done:
    actor = await _admin()
    await seal_all()
    return by(actor, lambda: call(audit_files.begin, actor, audit_files.Scope()), "", None)
