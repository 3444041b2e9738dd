"""Detection: below a threshold nothing speaks, from it on once a window, over real sign-ins, reveals and refusals."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backoffice import clock
from backoffice.db import NewRow, transaction
from backoffice.errors import BackofficeError
from backoffice.jobs import alerts as alert_jobs
from backoffice.jobs import security as jobs
from backoffice.models.alerts import Alert, AlertKind
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.models.security_alerts import KeyNetwork, SecurityMark, SecurityState
from backoffice.models.security_facts import SecurityKind as K
from backoffice.models.security_rules import RULES, Counts
from backoffice.models.usage import ApiRequest
from backoffice.services import (
    audit,
    erasures,
    key_networks,
    reveals,
    security_rules,
    security_watches,
    security_windows,
    sign_in,
    sign_in_limits,
)
from backoffice.services.alert_preferences import kinds_of
from backoffice.services.api_keys import Proven
from backoffice.services.request_log import Line, RequestLog
from backoffice.services.sessions import Visitor
from tests.services.people import SYSTEM, actor_of, make_person, visitor
from tests.services.review_cast import in_review, make_cast, member
from tests.services.security_cast import EVERYONE, fail, found, refused
from tests.services.test_exports import begun
from tests.services.test_fleet import call

pytestmark = pytest.mark.usefixtures("database")


async def test_many_failures_of_one_account_are_one_alert_and_a_partner_hears_of_its_own(rules):
    person = await make_person(Role.PARTNER_ADMIN)
    threshold = RULES[K.ACCOUNT_ATTACKED].counts.threshold
    for _ in range(threshold - 1):
        await fail(person.email, visitor())
    await jobs.watch()
    assert await found(K.ACCOUNT_ATTACKED, person.id) == []
    await fail(person.email, visitor())
    await asyncio.gather(jobs.watch(), jobs.watch())
    [alert] = await found(K.ACCOUNT_ATTACKED, person.id)
    assert (alert.affected, alert.partner_id, alert.state) == (threshold, person.partner_id, SecurityState.OPEN)
    assert len(alert.entry_ids) == threshold
    async with transaction(EVERYONE) as session:
        actions = (await session.execute(select(AuditEntry.action).where(AuditEntry.id.in_(alert.entry_ids)))).scalars()
        assert set(actions) <= {"member.sign_in_failed", "member.sign_in_throttled"}
    for _ in range(3):
        await fail(person.email, visitor())
    await jobs.watch()
    [again] = await found(K.ACCOUNT_ATTACKED, person.id)
    assert (again.id, again.affected) == (alert.id, threshold + 3)
    await alert_jobs.check_partner(str(person.partner_id))
    async with transaction(EVERYONE) as session:
        [theirs] = (
            await session.execute(
                select(Alert).where(Alert.partner_id == person.partner_id, Alert.kind == AlertKind.SECURITY)
            )
        ).scalars()
    assert (theirs.subject_id, theirs.detail) == (alert.id, {"what": "account_attacked"})
    assert AlertKind.SECURITY in kinds_of(Role.PARTNER_ADMIN)
    assert AlertKind.SECURITY not in kinds_of(Role.PARTNER_DEVELOPER)


async def test_tries_that_were_too_many_count_for_the_same_account(rules):
    person, who = await make_person(Role.PARTNER_ADMIN), visitor()
    threshold = RULES[K.ACCOUNT_ATTACKED].counts.threshold
    for _ in range(threshold):  # the last ones are turned away before the password is looked at
        await fail(person.email, who)
    await jobs.watch()
    [alert] = await found(K.ACCOUNT_ATTACKED, person.id)
    assert (alert.affected, alert.partner_id) == (threshold, person.partner_id)
    async with transaction(EVERYONE) as session:
        entries = select(AuditEntry.action, AuditEntry.partner_id).where(AuditEntry.id.in_(alert.entry_ids))
        found_ = (await session.execute(entries)).all()
        marks = select(SecurityMark.value).where(
            SecurityMark.kind == K.CREDENTIAL_STUFFING, SecurityMark.entry_id.in_(alert.entry_ids)
        )
        values = (await session.execute(marks)).scalars().all()
    assert {action for action, _ in found_} == {"member.sign_in_failed", "member.sign_in_throttled"}
    assert {partner_id for _, partner_id in found_} == {person.partner_id}
    assert (len(values), set(values)) == (threshold, {str(person.id)}), "to stuffing it is one account"


async def test_who_is_locked_out_hears_the_same_known_or_not(rules):
    person = await make_person(Role.PARTNER_ADMIN)
    answers = []
    for email in (person.email, f"{uuid4().hex}@nobody.example"):
        who = visitor()
        for _ in range(sign_in_limits.PER_ACCOUNT_AND_ADDRESS):
            await fail(email, who)
        with pytest.raises(BackofficeError) as caught:
            await sign_in.with_password(email, "not the password at all", who)
        answers.append((str(caught.value), caught.value.code, caught.value.status))
    assert answers[0] == answers[1]


async def test_an_address_of_nobodys_is_no_account_under_attack(rules):
    email = f"{uuid4().hex}@nobody.example"
    for _ in range(RULES[K.ACCOUNT_ATTACKED].counts.threshold + 2):
        await fail(email, visitor())
    await jobs.watch()
    assert await found(K.ACCOUNT_ATTACKED, sign_in_limits.fingerprint(email)) == []


async def test_one_network_that_tries_many_accounts_is_told_and_many_networks_are_not(rules):
    number = uuid4().int % 200
    network, threshold = f"198.18.{number}", RULES[K.CREDENTIAL_STUFFING].counts.threshold
    emails = [f"{uuid4().hex}@nobody.example" for _ in range(threshold)]
    for place, email in enumerate(emails[:-1]):
        for _ in range(2):
            await fail(email, Visitor(ip=f"{network}.{place + 1}", user_agent="tests"))
    await jobs.watch()
    assert await found(K.CREDENTIAL_STUFFING, f"{network}.0/24") == [], "the same account again is no other one"
    await fail(emails[-1], Visitor(ip=f"{network}.200", user_agent="tests"))
    await jobs.watch()
    [alert] = await found(K.CREDENTIAL_STUFFING, f"{network}.0/24")
    assert (alert.affected, alert.partner_id) == (threshold, None)


async def test_many_reveals_by_one_person(rules):
    cast = await make_cast()
    admin, other = await member(cast, Role.PARTNER_ADMIN), await member(cast, Role.PARTNER_ADMIN, "Lea Roth")
    await call(security_rules.save, SYSTEM, K.MASS_REVEAL, Counts(3, 60))
    tasks = [await in_review(cast) for _ in range(3)]
    for actor, task in ((admin, tasks[0]), (admin, tasks[0]), (admin, tasks[1]), (other, tasks[2])):
        async with transaction(actor.tenancy) as session:
            await reveals.begin(session, actor, task.document_id, purpose="legal")
    await jobs.watch()
    assert await found(K.MASS_REVEAL, admin.id) == []
    async with transaction(admin.tenancy) as session:
        await reveals.begin(session, admin, tasks[2].document_id, purpose="legal")
    await jobs.watch()
    [alert] = await found(K.MASS_REVEAL, admin.id)
    assert (alert.affected, alert.threshold, alert.partner_id) == (3, 3, cast.partner.id)
    assert await found(K.MASS_REVEAL, other.id) == []


async def test_exports_and_erasures_in_bursts(rules):
    cast = await make_cast()
    admin = await member(cast, Role.PARTNER_ADMIN)
    await call(security_rules.save, SYSTEM, K.EXPORT_SPIKE, Counts(2, 60))
    await call(security_rules.save, SYSTEM, K.ERASURE_BURST, Counts(2, 60))
    await begun(admin)
    tasks = [await in_review(cast) for _ in range(2)]

    async def erase(task):
        async with transaction(EVERYONE) as session:
            sql = text("select applicant_id from documents where id = :d")
            applicant_id = (await session.execute(sql, {"d": task.document_id})).scalar_one()
            await erasures.request(session, cast.api, applicant_id)

    await erase(tasks[0])
    await erase(tasks[0])
    await jobs.watch()
    assert (await found(K.EXPORT_SPIKE, admin.id), await found(K.ERASURE_BURST, cast.partner.id)) == ([], [])
    await begun(admin)
    await erase(tasks[1])
    await jobs.watch()
    [exported], [erased] = await found(K.EXPORT_SPIKE, admin.id), await found(K.ERASURE_BURST, cast.partner.id)
    assert (exported.affected, erased.affected) == (2, 2)


async def test_refusals_count_with_those_that_were_not_written(rules):
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
    threshold = RULES[K.GUARD_DENIALS].counts.threshold
    await refused(analyst, unwritten=threshold - 3)
    await refused(analyst)
    await jobs.watch()
    assert await found(K.GUARD_DENIALS, analyst.id) == []
    await refused(analyst)
    await jobs.watch()
    [alert] = await found(K.GUARD_DENIALS, analyst.id)
    assert alert.affected == threshold


async def test_what_waited_counts_when_it_was_refused(rules):
    analyst, last = actor_of(await make_person(Role.PARTNER_ANALYST)), clock.wall() - timedelta(seconds=50)
    async with transaction(EVERYONE) as session:
        changes: dict[str, object] = {"page": "/", "unwritten": 24, "last_at": last.isoformat()}
        await audit.record(session, analyst, "page.refused", result="denied", changes=changes)
    await refused(analyst)
    await jobs.watch()
    [alert] = await found(K.GUARD_DENIALS, analyst.id)
    assert (alert.affected, alert.window_from) == (26, last)


async def test_a_late_one_is_judged_with_what_came_after_it(rules):
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
    await refused(analyst)
    await jobs.watch()
    async with transaction(EVERYONE) as session:
        last_at = (clock.wall() - timedelta(seconds=50)).isoformat()
        changes: dict[str, object] = {"page": "/", "unwritten": 18, "last_at": last_at}
        await audit.record(session, analyst, "page.refused", result="denied", changes=changes)
    await jobs.watch()
    [alert] = await found(K.GUARD_DENIALS, analyst.id)
    assert alert.affected == 20


@pytest.mark.parametrize(("kind", "amount"), [(K.GUARD_DENIALS, 25_013), (K.CREDENTIAL_STUFFING, 14)])
async def test_more_marks_than_are_read_are_counted_all_the_same(rules, kind, amount):
    """An account that is tried for ever hides none of the others, and a flood hides not itself."""
    subject = actor_of(await make_person(Role.PARTNER_ANALYST)).id
    if kind == K.CREDENTIAL_STUFFING:
        subject = f"198.19.{uuid4().int % 250}.0/24"
    sql = """
    insert into security_marks (id, created_at, kind, subject, value, weight)
    select gen_random_uuid(), now() - interval '8 minutes' + n * interval '1 millisecond', :kind, :subject,
        case when n <= 12 then n::text else 'one' end, 1
    from generate_series(1, 25012) n"""
    async with transaction(EVERYONE) as session:
        await session.execute(text(sql), {"kind": str(kind), "subject": str(subject)})
    mark = security_windows.Mark(kind, str(subject), "new", None, None, clock.wall())
    async with transaction(EVERYONE) as session:
        await security_watches._keep(session, [mark])
        await security_watches._judge(session, SYSTEM, [mark])
    [alert] = await found(kind, subject)
    assert alert.affected == amount


async def used(key_id, partner_id, ip, at):
    """Let the log of API requests keep one, as the web process does."""
    line = Line(
        proven=Proven(key_id=key_id, partner_id=partner_id, livemode=True), method="GET", route="/documents",
        path="/api/v1/documents", status=200, seconds=0.01, ip=ip, request_id=f"req_{uuid4().hex}", request_bytes=0,
    )  # fmt: skip
    kept = RequestLog()
    kept.note(line)
    [row] = kept._waiting
    row.values["created_at"] = at
    await kept.flush()


async def test_a_key_from_a_network_that_it_never_came_from(rules):
    cast = await make_cast()
    old, fresh, now = new_id(), new_id(), clock.wall()
    key_networks._known.clear()
    for key_id in (old, fresh):
        begins = now - timedelta(days=3) if key_id == old else now - timedelta(hours=2)
        await used(key_id, cast.partner.id, "203.0.113.7", begins)
        await used(key_id, cast.partner.id, "203.0.113.99", now - timedelta(minutes=9))
    await jobs.watch()
    assert await found(K.KEY_NEW_NETWORK, old) == [], "the same network"
    for key_id in (old, fresh):
        await used(key_id, cast.partner.id, "198.51.100.4", now)
    await asyncio.gather(jobs.watch(), jobs.watch())
    [alert] = await found(K.KEY_NEW_NETWORK, old)
    assert (alert.affected, alert.partner_id) == (1, cast.partner.id)
    assert await found(K.KEY_NEW_NETWORK, fresh) == [], "its networks are still learned"
    async with transaction(EVERYONE) as session:
        networks = (await session.execute(select(KeyNetwork.network).where(KeyNetwork.key_id == old))).scalars()
        assert set(networks) == {"203.0.113.0/24", "198.51.100.0/24"}
    await used(old, cast.partner.id, "198.51.100.200", now)
    await jobs.watch()
    assert len(await found(K.KEY_NEW_NETWORK, old)) == 1


async def test_a_network_that_was_not_committed_is_not_known(rules):
    cast = await make_cast()
    key_id, pair = new_id(), "203.0.113.0/24"
    row = NewRow(
        ApiRequest,
        {
            "key_id": key_id, "ip": "203.0.113.7", "partner_id": cast.partner.id, "created_at": clock.wall(),
            "request_id": "req_lost",
        },
    )  # fmt: skip

    async def lost() -> None:
        async with transaction(EVERYONE) as session:
            await key_networks.note(session, [row])
            raise OSError("the connection broke before the commit")

    with pytest.raises(OSError, match="broke"):
        await lost()
    assert (key_id, pair) not in key_networks._known
    async with transaction(EVERYONE) as session:
        await key_networks.note(session, [row])
    assert (key_id, pair) in key_networks._known
    async with transaction(EVERYONE) as session:
        networks = (await session.execute(select(KeyNetwork.network).where(KeyNetwork.key_id == key_id))).scalars()
        assert list(networks) == [pair]


async def test_a_later_window_is_another_alert_and_a_slow_trickle_is_none(rules):
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
    await call(security_rules.save, SYSTEM, K.GUARD_DENIALS, Counts(3, 10))
    start = clock.wall() - timedelta(hours=6)
    moments = [0, 1, 2, 40, 51, 62, 120, 121, 122, 123]
    for minutes in moments:
        with clock.at(start + timedelta(minutes=minutes)):
            await refused(analyst)
    await jobs.watch()
    first, second = await found(K.GUARD_DENIALS, analyst.id)
    assert [one.window_from - start for one in (first, second)] == [timedelta(), timedelta(minutes=120)]
    assert (first.affected, second.affected) == (3, 4)


async def test_the_trail_is_walked_once_whoever_walks(rules):
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
    await jobs.watch()
    for _ in range(4):
        await refused(analyst)
    async with transaction(EVERYONE) as session:
        looked = await security_watches.watch(session, SYSTEM, batch=2)
    assert looked == 2
    await asyncio.gather(*(jobs.watch() for _ in range(4)))
    async with transaction(EVERYONE) as session:
        marks = (await session.execute(select(SecurityMark).where(SecurityMark.subject == str(analyst.id)))).scalars()
        assert len(list(marks)) == 4
