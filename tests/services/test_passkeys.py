"""Passkeys: made by their person, taken once, and refused for every reason that there is."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backoffice.adapters import live
from backoffice.db import Tenancy, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, TooMany
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Member, Role
from backoffice.models.passkeys import Passkey
from backoffice.services import (
    colleagues,
    members,
    own_logins,
    passkey_proofs,
    passkey_sign_in,
    passkeys,
    security_letters,
    sessions,
    sign_in,
    sign_in_limits,
    workspace_settings,
)
from backoffice.services.workspace_settings import Rules, Security
from backoffice.settings import settings
from tests.authenticator import Device
from tests.services.people import PASSWORD, SYSTEM, actor_of, make_person, visitor

pytestmark = pytest.mark.usefixtures("database")


async def signed_in(person):
    who = visitor()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    return (await sign_in.with_code(step.secret, person.code(), who)) if person.totp_secret else step


async def owner(role=Role.PARTNER_ANALYST, **device):
    """A person with a passkey: who they are, the actor of their session, and the device."""
    person, held = await make_person(role), Device(**device)
    step = await signed_in(person)
    await passkeys.finish(step.actor, held.make(await passkeys.begin(step.actor)), "  My   phone ")
    return person, step, held


async def with_passkey(device, who=None):
    who = who or visitor()
    return await passkey_sign_in.with_passkey(device.sign(await passkey_sign_in.begin(who)), who)


async def entries(subject_id):
    async with transaction(Tenancy.everyone()) as session:
        statement = select(AuditEntry.action, AuditEntry.changes).where(AuditEntry.subject_id == subject_id)
        return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def kept(device):
    async with transaction(Tenancy.everyone()) as session:
        statement = select(Passkey).where(Passkey.credential_id == device.credential_id)
        return (await session.execute(statement)).scalar_one_or_none()


async def test_nobody_but_their_person_makes_names_or_removes_one():
    person, _, device = await owner()
    row, other = await kept(device), await signed_in(await make_person(Role.PARTNER_ADMIN, person.partner_id))
    for actor in (SYSTEM, actor_of(person)):
        with pytest.raises(NotAllowed):
            await passkeys.begin(actor)
        with pytest.raises(NotAllowed):
            await passkeys.remove(actor, row.id)
    with pytest.raises(NotFound):
        await passkeys.rename(other.actor, row.id, "mine")
    with pytest.raises(NotFound):
        await passkeys.remove(other.actor, row.id)
    assert (await kept(device)).name == "My phone"


async def test_another_partner_and_another_person_see_none_of_it():
    person, _, device = await owner()
    rival = await make_person(Role.PARTNER_ADMIN)
    async with transaction(Tenancy.of(rival.partner_id)) as session:
        assert (await session.execute(select(Passkey).where(Passkey.member_id == person.id))).all() == []
        await session.execute(update(Passkey).where(Passkey.member_id == person.id).values(name="taken"))
    assert (await kept(device)).name == "My phone"


async def test_passkey_alone_signs_in_and_leaves_its_traces():
    person, step, device = await owner(Role.REVIEWER)
    entered = await with_passkey(device)
    assert entered.is_complete
    assert entered.actor.id == person.id
    row = await kept(device)
    assert (row.sign_count, row.transports) == (device.count, ["internal"])
    assert row.last_used_at is not None
    actions = [action for action, _ in await entries(person.id)]
    assert "member.passkey_added" in actions
    assert actions.count("member.signed_in") == 2
    assert (await own_logins.look(step.actor)).passkeys[0].name == "My phone"


async def test_adding_signs_out_elsewhere_and_tells_by_letter():
    person = await make_person(Role.PARTNER_ANALYST)
    first, second, device = await signed_in(person), await signed_in(person), Device()
    await passkeys.finish(second.actor, device.make(await passkeys.begin(second.actor)), "")
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, first.secret) is None
        assert await sessions.by_secret(session, second.secret) is not None
        letter = await security_letters.passkey_changed(
            session, SYSTEM, person.id, "added", "2026-11-28T06:00:00+00:00"
        )
    assert letter.address == person.email
    assert "passkey" in letter.letter.subject.lower()


async def test_passkey_is_the_second_step_of_who_has_one():
    person, _, device = await owner()
    who = visitor()
    step = await sign_in.with_password(person.email, PASSWORD, who)
    assert not step.is_complete
    waiting = await sign_in.waiting_for_code(step.secret, who)
    assert (waiting.has_app, waiting.has_passkey, waiting.totp_seed) == (False, True, None)
    with pytest.raises(NotSignedIn):
        await sign_in.with_code(step.secret, "000000", who)
    options = await passkey_sign_in.begin_second_step(step.secret, who)
    assert len(json.loads(options)["allowCredentials"]) == 1
    done = await passkey_sign_in.as_second_step(step.secret, device.sign(options), who)
    assert done.is_complete
    assert done.secret != step.secret
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret, is_complete=False) is None


async def test_second_step_needs_a_first_and_ones_own_passkey():
    person, _, _ = await owner()
    _, _, theirs = await owner()
    who = visitor()
    with pytest.raises(NotSignedIn):
        await passkey_sign_in.begin_second_step("nothing", who)
    step = await sign_in.with_password(person.email, PASSWORD, who)
    options = await passkey_sign_in.begin_second_step(step.secret, who)
    with pytest.raises(Invalid, match="not accepted"):
        await passkey_sign_in.as_second_step(step.secret, theirs.sign(options), who)


async def test_challenge_is_long_short_lived_and_used_once():
    _, _, device = await owner()
    who = visitor()
    options = await passkey_sign_in.begin(who)
    challenge = passkey_proofs.authenticators.base64url_to_bytes(json.loads(options)["challenge"])
    assert len(challenge) >= 16
    key = passkey_proofs._key(passkey_proofs.Purpose.SIGN_IN, challenge)
    assert 290 < await live.command("TTL", key) <= timedelta(minutes=5).total_seconds()
    answer = device.sign(options)
    assert (await passkey_sign_in.with_passkey(answer, who)).is_complete
    with pytest.raises(Invalid, match="sent twice"):
        await passkey_sign_in.with_passkey(answer, who)
    late = device.sign(options := await passkey_sign_in.begin(who))
    challenge = passkey_proofs.authenticators.base64url_to_bytes(json.loads(options)["challenge"])
    await live.command("DEL", passkey_proofs._key(passkey_proofs.Purpose.SIGN_IN, challenge))
    with pytest.raises(Invalid, match="too long"):
        await passkey_sign_in.with_passkey(late, who)


async def test_wrong_answer_uses_its_challenge_up():
    _, _, device = await owner()
    who = visitor()
    options = await passkey_sign_in.begin(who)
    device.origin = "https://evil.test"
    with pytest.raises(Invalid, match="not accepted"):
        await passkey_sign_in.with_passkey(device.sign(options), who)
    device.origin = settings().url
    with pytest.raises(Invalid, match="sent twice"):
        await passkey_sign_in.with_passkey(device.sign(options), who)


async def test_of_many_answers_to_one_challenge_at_once_one_is_taken():
    _, _, device = await owner()
    who = visitor()
    options = await passkey_sign_in.begin(who)
    answers = [device.sign(options) for _ in range(8)]
    tried = [passkey_sign_in.with_passkey(answer, who) for answer in answers]
    results = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(one, sign_in.Step) for one in results) == 1
    assert sum(isinstance(one, Invalid) for one in results) == 7


async def test_challenge_of_one_purpose_and_person_serves_no_other():
    person, step, device = await owner()
    who = visitor()
    for_sign_in = await passkey_sign_in.begin(who)
    waiting = await sign_in.with_password(person.email, PASSWORD, who)
    with pytest.raises(Invalid, match="too long"):
        await passkey_sign_in.as_second_step(waiting.secret, device.sign(for_sign_in), who)
    for_step = await passkey_sign_in.begin_second_step(waiting.secret, who)
    with pytest.raises(Invalid, match="too long"):
        await passkey_sign_in.with_passkey(device.sign(for_step), who)
    other = await signed_in(await make_person(Role.PARTNER_ANALYST))
    with pytest.raises(Invalid, match="too long"):
        await passkeys.finish(other.actor, Device().make(await passkeys.begin(step.actor)), "stolen")


@pytest.mark.parametrize(
    "lie", [{"origin": "http://localhost:8001"}, {"host": "evil.test"}, {"verifies": False}, {"user_handle": "AAAA"}]
)
async def test_answer_for_another_place_or_without_its_person_is_refused(lie):
    person, step, device = await owner()
    for name, value in lie.items():
        setattr(device, name, value)
    with pytest.raises(Invalid, match="not accepted"):
        await with_passkey(device)
    assert ("member.sign_in_failed", {"method": "passkey", "reason": "wrong_passkey"}) in await entries(person.id)
    if "user_handle" not in lie:
        with pytest.raises(Invalid, match="not accepted"):
            await passkeys.finish(step.actor, Device(**lie).make(await passkeys.begin(step.actor)), "lie")


async def test_another_key_under_a_known_name_is_refused():
    _, _, device = await owner()
    forged = Device(credential_id=device.credential_id, user_handle=device.user_handle, count=9)
    with pytest.raises(Invalid, match="not accepted"):
        await with_passkey(forged)


async def test_counter_that_goes_back_is_refused_and_written_down():
    person, _, device = await owner()
    await with_passkey(device)
    device.count -= 1
    with pytest.raises(Invalid, match="counts less") as refused:
        await with_passkey(device)
    assert refused.value.code == "passkey_went_back"
    assert ("member.sign_in_failed", {"method": "passkey", "reason": "passkey_went_back"}) in await entries(person.id)
    assert (await with_passkey(device)).is_complete


async def test_passkey_that_counts_nothing_works_again_and_again():
    _, _, device = await owner(counts=False)
    for _ in range(3):
        assert (await with_passkey(device)).is_complete


async def test_one_passkey_belongs_to_one_person_once():
    _, step, device = await owner()
    options = json.loads(await passkeys.begin(step.actor))
    assert len(options["excludeCredentials"]) == 1
    with pytest.raises(Conflict, match="already"):
        await passkeys.finish(step.actor, device.make(json.dumps(options)), "again")
    other = await signed_in(await make_person(Role.PARTNER_ANALYST))
    with pytest.raises(Conflict, match="already"):
        await passkeys.finish(other.actor, device.make(await passkeys.begin(other.actor)), "theirs")


@pytest.mark.parametrize("text", ["", "{}", "null", "[]", '{"rawId": 5, "response": {}}', "x" * 40_000, '{"a":' * 500])
async def test_what_is_no_answer_is_refused(text):
    step = await signed_in(await make_person(Role.PARTNER_ANALYST))
    with pytest.raises(Invalid):
        await passkey_sign_in.with_passkey(text, visitor())
    with pytest.raises(Invalid):
        await passkeys.finish(step.actor, text, "name")


async def test_disabled_person_and_foreign_network_stay_out():
    person, _, device = await owner()
    admin = await signed_in(await make_person(Role.PARTNER_ADMIN, person.partner_id))
    async with transaction(admin.actor.tenancy) as session:
        await workspace_settings.save(session, admin.actor, Rules(0, Security(ip_allowlist=(admin.actor.ip,))))
    with pytest.raises(NotAllowed, match="networks"):
        await with_passkey(device)
    async with transaction(Tenancy.everyone()) as session:
        await members.disable(session, SYSTEM, person.id)
    with pytest.raises(NotAllowed, match="disabled"):
        await with_passkey(device)


async def test_last_second_factor_stays_where_one_is_needed():
    person, step, device = await owner()
    row = await kept(device)
    admin = await signed_in(await make_person(Role.PARTNER_ADMIN, person.partner_id))
    async with transaction(admin.actor.tenancy) as session:
        rules = Rules(0, Security(requires_second_factor=True))
        assert (await workspace_settings.effect(session, admin.actor, rules)).people_to_enrol == 0
        await workspace_settings.save(session, admin.actor, rules)
    async with transaction(Tenancy.everyone()) as session:
        assert await sessions.by_secret(session, step.secret, ip=step.actor.ip) is not None
    with pytest.raises(Conflict, match="only one"):
        await passkeys.remove(step.actor, row.id)
    spare = Device()
    added = await passkeys.finish(step.actor, spare.make(await passkeys.begin(step.actor)), "spare")
    await passkeys.remove(step.actor, added.id)
    with pytest.raises(Invalid):
        await with_passkey(spare)
    assert (await with_passkey(device)).is_complete


async def test_removed_and_reset_passkeys_are_worth_nothing():
    person, step, device = await owner()
    await passkeys.remove(step.actor, (await kept(device)).id)
    assert "member.passkey_removed" in [action for action, _ in await entries(person.id)]
    with pytest.raises(Invalid):
        await with_passkey(device)
    again = Device()
    await passkeys.finish(step.actor, again.make(await passkeys.begin(step.actor)), "again")
    admin = await signed_in(await make_person(Role.PARTNER_ADMIN, person.partner_id))
    async with transaction(admin.actor.tenancy) as session:
        await colleagues.reset_second_factor(session, admin.actor, person.id)
    with pytest.raises(Invalid):
        await with_passkey(again)
    who = visitor()
    waiting = await sign_in.waiting_for_code((await sign_in.with_password(person.email, PASSWORD, who)).secret, who)
    assert waiting.totp_seed


async def test_ten_are_the_most_and_names_are_short():
    _, step, device = await owner()
    for number in range(passkeys.MOST - 1):
        await passkeys.finish(step.actor, Device().make(await passkeys.begin(step.actor)), f"key {number}")
    with pytest.raises(Conflict, match="ten"):
        await passkeys.begin(step.actor)
    row = await kept(device)
    with pytest.raises(Invalid):
        await passkeys.rename(step.actor, row.id, "x" * 61)
    await passkeys.rename(step.actor, row.id, "Old phone")
    assert (await kept(device)).name == "Old phone"
    async with transaction(Tenancy.everyone()) as session:
        assert (await session.get(Member, step.actor.id)).passkey_count == passkeys.MOST


async def test_address_that_fails_too_often_is_stopped():
    who = visitor()
    for _ in range(sign_in_limits.FAILURES_PER_ADDRESS):
        await sign_in_limits.failed(who)
    with pytest.raises(TooMany):
        await passkey_sign_in.begin(who)


async def test_passkeys_need_a_host_name(monkeypatch):
    person = await signed_in(await make_person(Role.PARTNER_ANALYST))
    monkeypatch.setenv("BACKOFFICE_PUBLIC_URL", "http://127.0.0.1:8000")
    settings.cache_clear()
    try:
        with pytest.raises(Conflict, match="host name"):
            await passkeys.begin(person.actor)
        with pytest.raises(Conflict, match="host name"):
            await passkey_sign_in.begin(visitor())
    finally:
        monkeypatch.undo()
        settings.cache_clear()
