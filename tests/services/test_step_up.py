"""A fresh proof before something dangerous: asked for in every service, given in three ways, once each."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from backoffice.adapters import authenticators
from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, StepUpRequired, TooMany
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.exports import Asked, ExportFormat, ExportKind
from backoffice.models.members import Member, Role, Session
from backoffice.models.partners import Plan
from backoffice.models.retention_rules import Draft as RuleDraft
from backoffice.services import (
    api_keys,
    colleagues,
    erasures,
    exports,
    invitees,
    legal_holds,
    members,
    own_logins,
    passkeys,
    password_changes,
    passwords,
    people,
    plan_changes,
    retention_rules,
    sessions,
    sign_in,
    sign_in_limits,
    step_up,
    suspensions,
    webhook_endpoints,
    workspace_settings,
)
from backoffice.services.step_up import Proof
from backoffice.services.workspace_settings import Rules, Security
from backoffice.settings import settings
from tests.authenticator import Device
from tests.services.people import PASSWORD, SYSTEM, actor_of, in_tab, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")


async def signed_in(person):
    who = visitor()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    return (await sign_in.with_code(step.secret, person.code(), who)) if person.totp_secret else step


async def aged(actor, age=None):
    """The same person, whose last proof is too old."""
    moment = now() - (age or timedelta(minutes=settings().step_up_minutes))
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(update(Session).where(Session.id == actor.session_id).values(confirmed_at=moment))
    return await fresh(actor)


async def stale(role, partner_id=None):
    person = await make_person(role, partner_id)
    step = await signed_in(person)
    return person, step, await aged(step.actor)


async def fresh(actor):
    return await in_tab(actor.session_id, ip=actor.ip)


async def test_nobody_confirms_for_another():
    person = await make_person(Role.PARTNER_ADMIN)
    for actor in (SYSTEM, actor_of(person)):
        with pytest.raises(NotAllowed):
            await step_up.proofs(actor)
        with pytest.raises(NotAllowed):
            await step_up.confirm(actor, Proof(code=person.code()), visitor())
    other = await signed_in(await make_person(Role.PARTNER_ADMIN, person.partner_id))
    with pytest.raises(Invalid):
        await step_up.confirm(other.actor, Proof(code=person.code()), visitor())


async def in_partner(session, actor, colleague):
    """What a stale administrator of a partner tries, by name."""
    return {
        "create key": lambda: api_keys.create(session, actor, name="k", livemode=False, scopes=["documents:read"]),
        "rotate key": lambda: api_keys.rotate(session, actor, colleague.key_id),
        "rotate secret": lambda: webhook_endpoints.rotate_secret(session, actor, colleague.endpoint_id),
        "role": lambda: colleagues.change_role(
            session, actor, colleague.id, Role.PARTNER_DEVELOPER, before=Role.PARTNER_ANALYST
        ),
        "remove": lambda: colleagues.remove(session, actor, colleague.id, typed=colleague.email),
        "restore": lambda: colleagues.restore(session, actor, colleague.id),
        "reset": lambda: colleagues.reset_second_factor(session, actor, colleague.id),
        "disable": lambda: members.disable(session, actor, colleague.id),
        "erase": lambda: erasures.request(session, actor, uuid4()),
        "rules": lambda: workspace_settings.save(session, actor, Rules(0, Security(requires_second_factor=True))),
        "networks": lambda: workspace_settings.save(session, actor, Rules(0, Security(ip_allowlist=("10.0.0.0/8",)))),
        "invite": lambda: invitees.invite(
            session, actor, email=f"new-{uuid4().hex[:8]}@example.test", name="New", role=Role.PARTNER_ADMIN
        ),
        "new endpoint": lambda: webhook_endpoints.create(
            session, actor, url="https://example.com/other", event_types=["document.approved"], livemode=False
        ),
        "other address": lambda: webhook_endpoints.change(
            session, actor, colleague.endpoint_id, url="https://example.org/hook"
        ),
        "plan": lambda: plan_changes.change(session, actor, Plan.ENTERPRISE),
        "personal data": lambda: exports.begin(
            session,
            actor,
            Asked(uuid4(), ExportKind.EVIDENCE, ExportFormat.ZIP, True, {"document": "x", "personal": "yes"}),
            (uuid4(), b"x"),
        ),
    }


@pytest.mark.parametrize(
    "name",
    [
        "create key", "rotate key", "rotate secret", "role", "remove", "restore", "reset", "disable", "erase", "rules",
        "networks", "plan", "personal data", "invite", "new endpoint", "other address",
    ],
)  # fmt: skip
async def test_dangerous_acts_of_a_partner_ask_first(name):
    admin = await make_person(Role.PARTNER_ADMIN)
    step, colleague = await signed_in(admin), await make_person(Role.PARTNER_ANALYST, admin.partner_id)
    async with transaction(step.actor.tenancy) as session:
        scopes = ["documents:read"]
        key, _ = await api_keys.create(session, step.actor, name="k", livemode=False, scopes=scopes)
        endpoint, _ = await webhook_endpoints.create(
            session, step.actor, url="https://example.com/hook", event_types=["document.approved"], livemode=False
        )
    colleague.key_id, colleague.endpoint_id = key.id, endpoint.id
    actor = await aged(step.actor)
    with pytest.raises(StepUpRequired) as refused:
        async with transaction(actor.tenancy) as session:
            await (await in_partner(session, actor, colleague))[name]()
    assert refused.value.code == "step_up_required"


async def test_dangerous_acts_of_operators_ask_first():
    partner = await make_person(Role.PARTNER_ANALYST)
    _, _, actor = await stale(Role.OPERATOR)
    within = actor.within(partner.partner_id)
    tries = (
        lambda session: suspensions.suspend(session, within, partner.partner_id, reason="x"),
        lambda session: suspensions.resume(session, within, partner.partner_id),
        lambda session: plan_changes.change(session, within, Plan.ENTERPRISE),
        lambda session: people.disable(session, actor, partner.id, typed=partner.email),
        lambda session: people.invite(session, actor, email="new@staff.example", name="New", role=Role.OPERATOR),
        lambda session: retention_rules.set_rule(session, actor, RuleDraft(days=1, basis="Quickly")),
        lambda session: retention_rules.end(session, actor, uuid4()),
        lambda session: legal_holds.release(session, actor, uuid4(), why="Quickly"),
        lambda session: people.change_role(
            session, actor, partner.id, Role.PARTNER_DEVELOPER, before=Role.PARTNER_ANALYST
        ),
    )
    for attempt in tries:
        with pytest.raises(StepUpRequired):
            async with transaction(actor.tenancy) as session:
                await attempt(session)


async def test_changes_of_ones_own_login_ask_first():
    _, _, actor = await stale(Role.PARTNER_ANALYST)
    for attempt in (
        lambda: passkeys.begin(actor),
        lambda: passkeys.finish(actor, "{}", "x"),
        lambda: passkeys.remove(actor, uuid4()),
        lambda: own_logins.begin_second_factor(actor, "", visitor()),
        lambda: own_logins.finish_second_factor(actor, "000000", visitor()),
        lambda: own_logins.new_recovery_codes(actor, "000000", visitor()),
        lambda: password_changes.change(actor, PASSWORD, "seven quiet otters swim", visitor()),
    ):
        with pytest.raises(StepUpRequired):
            await attempt()


async def test_keys_jobs_and_what_is_harmless_are_not_asked():
    admin, _, actor = await stale(Role.PARTNER_ADMIN)
    assert SYSTEM.is_fresh
    assert not actor.is_fresh
    async with transaction(actor.tenancy) as session:
        rules = await workspace_settings.read(session, actor)
        brand = workspace_settings.Brand("Fjord", "", "", "")
        await workspace_settings.save(session, actor, Rules(rules.version, rules.security, brand))
        scopes = ["documents:read"]
        key, secret = await api_keys.create(
            session, SYSTEM.within(admin.partner_id), name="k", livemode=False, scopes=scopes
        )
    assert secret
    assert key.partner_id == admin.partner_id


async def test_proof_is_fresh_for_ten_minutes():
    step = await signed_in(await make_person(Role.PARTNER_ADMIN))
    limit = timedelta(minutes=settings().step_up_minutes)
    assert settings().step_up_minutes == 10
    assert (await fresh(step.actor)).is_fresh
    assert (await aged(step.actor, limit - timedelta(seconds=5))).is_fresh
    assert not (await aged(step.actor, limit)).is_fresh


async def test_code_confirms_under_a_fresh_secret_and_the_session_stays():
    person, step, actor = await stale(Role.PARTNER_ADMIN)
    assert await step_up.proofs(actor) == step_up.Proofs(passkey=False, code=True, password=False)
    secret = await step_up.confirm(actor, Proof(code=person.code()), visitor())
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret, ip=None) is None
        row, _ = await sessions.by_secret(session, secret, ip=None)
        actions = (await session.execute(select(AuditEntry.action).where(AuditEntry.subject_id == person.id))).scalars()
        assert "member.confirmed" in list(actions)
    assert row.id == actor.session_id
    assert (await fresh(actor)).is_fresh


async def test_passkey_confirms_and_another_persons_does_not():
    person, step, _ = await stale(Role.PARTNER_ANALYST)
    device, actor = Device(), await fresh(step.actor)
    secret = await step_up.confirm(actor, Proof(password=PASSWORD), visitor())
    assert secret != step.secret
    actor = await fresh(actor)
    await passkeys.finish(actor, device.make(await passkeys.begin(actor)), "phone")
    actor = await aged(actor)
    assert await step_up.proofs(actor) == step_up.Proofs(passkey=True, code=False, password=False)
    with pytest.raises(Invalid, match="not your password"):
        await step_up.confirm(actor, Proof(password=PASSWORD), visitor())
    answer = device.sign(await step_up.begin_passkey(actor))
    await step_up.confirm(actor, Proof(passkey=answer), visitor())
    with pytest.raises(Invalid, match="sent twice"):
        await step_up.confirm(actor, Proof(passkey=answer), visitor())
    other = await signed_in(await make_person(Role.PARTNER_ANALYST, person.partner_id))
    with pytest.raises(Invalid, match="too long"):
        await step_up.confirm(other.actor, Proof(passkey=device.sign(await step_up.begin_passkey(actor))), visitor())
    with pytest.raises(Invalid, match="not accepted"):
        await step_up.confirm(
            other.actor, Proof(passkey=device.sign(await step_up.begin_passkey(other.actor))), visitor()
        )


async def test_wrong_proofs_confirm_nothing_and_are_counted_as_at_the_sign_in():
    person, step, actor = await stale(Role.PARTNER_ADMIN)
    for proof in (Proof(code="000000"), Proof(), Proof(password=PASSWORD), Proof(passkey="{}")):
        with pytest.raises(Invalid):
            await step_up.confirm(actor, proof, visitor())
    for _ in range(sign_in_limits.PER_CODE - 4):
        with pytest.raises(Invalid):
            await step_up.confirm(actor, Proof(code="000000"), visitor())
    with pytest.raises(TooMany):
        await step_up.confirm(actor, Proof(code=person.code()), visitor())
    assert not (await fresh(actor)).is_fresh
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret, ip=None) is not None


async def test_session_that_has_ended_cannot_be_confirmed():
    person, _, actor = await stale(Role.PARTNER_ADMIN)
    async with transaction(Tenancy.everyone()) as session:
        await sessions.sign_out(session, actor)
    with pytest.raises(NotFound):
        await step_up.confirm(actor, Proof(code=person.code()), visitor())


async def test_code_of_the_sign_in_confirms_no_second_time():
    person, _, actor = await stale(Role.PARTNER_ADMIN)
    code = person.code()
    await step_up.confirm(actor, Proof(code=code), visitor())
    with pytest.raises(Invalid):
        await step_up.confirm(actor, Proof(code=code), visitor())


async def test_without_a_host_name_passkeys_do_not_confirm(monkeypatch):
    _, step, _ = await stale(Role.PARTNER_ANALYST)
    monkeypatch.setenv("BACKOFFICE_PUBLIC_URL", "http://10.0.0.1")
    settings.cache_clear()
    try:
        with pytest.raises(Conflict, match="host name"):
            await step_up.begin_passkey(step.actor)
    finally:
        monkeypatch.undo()
        settings.cache_clear()


async def test_a_second_step_that_came_meanwhile_stops_a_sign_in_by_password_alone(monkeypatch):
    """A passkey is added while the password of somebody else's try is still being computed."""
    person = await make_person(Role.PARTNER_ANALYST)
    verify = passwords.verify

    async def slow(*arguments):
        verdict = await verify(*arguments)
        async with transaction(Tenancy.everyone()) as session:
            await session.execute(update(Member).where(Member.id == person.id).values(passkey_count=1))
        return verdict

    monkeypatch.setattr(passwords, "verify", slow)
    with pytest.raises(NotSignedIn, match="changed just now"):
        await sign_in.with_password(person.email, PASSWORD, visitor())


@pytest.mark.parametrize("rubbish", ["[" * 30_000, '{"a":' * 6_000, "", "null", "[]", "{}"])
def test_an_answer_that_is_none_is_refused(rubbish):
    with pytest.raises(Invalid):
        authenticators.read(rubbish)
