"""What becomes of a security alert: letters that end, answers, rules that change, and forgetting."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backoffice import clock
from backoffice.db import Tenancy, insert, transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import security as jobs
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, id_at, new_id, public_id
from backoffice.models.members import Role
from backoffice.models.security_alerts import SecurityAlert, SecurityMark, SecurityState
from backoffice.models.security_facts import SecurityKind as K
from backoffice.models.security_rules import RULES, Counts
from backoffice.services import (
    security_alerts,
    security_rules,
    security_watches,
)
from backoffice.services.networks import network_of
from backoffice.services.security_alerts import Filter
from tests.services.people import SYSTEM, actor_of, make_person
from tests.services.review_cast import make_cast
from tests.services.security_cast import EVERYONE, found, letters_of, refused
from tests.services.test_fleet import call

pytestmark = pytest.mark.usefixtures("database")


async def test_a_rule_that_is_off_says_nothing_and_what_differs_is_written_down(rules):
    operator = replace(actor_of(await make_person(Role.OPERATOR)), session_id=None)
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
    held = await call(security_rules.save, operator, K.GUARD_DENIALS, Counts(2, 10, is_on=False))
    assert (held.is_on, held.version) == (False, 1)
    for _ in range(3):
        await refused(analyst)
    await jobs.watch()
    assert await found(K.GUARD_DENIALS, analyst.id) == []
    with pytest.raises(Conflict, match="Somebody changed"):
        await call(security_rules.save, operator, K.GUARD_DENIALS, Counts(5, 10))
    with pytest.raises(Conflict, match="Nothing differs"):
        await call(security_rules.save, operator, K.GUARD_DENIALS, held)
    for wrong, pointer in ((Counts(0, 10), "/threshold"), (Counts(5, 1441), "/minutes")):
        with pytest.raises(Invalid) as refusal:
            await call(security_rules.save, operator, K.GUARD_DENIALS, wrong)
        assert refusal.value.pointer == pointer
    async with transaction(EVERYONE) as session:
        entry = (
            await session.execute(
                select(AuditEntry).where(AuditEntry.action == "security_rule.changed").order_by(AuditEntry.id.desc())
            )
        ).scalars().first()  # fmt: skip
    assert entry.changes == {"rule": "guard_denials", "threshold": [20, 2], "is_on": [True, False]}


async def test_letters_about_one_rule_end_and_its_alerts_do_not(rules, monkeypatch):
    await make_person(Role.OPERATOR)
    await call(security_rules.save, SYSTEM, K.GUARD_DENIALS, Counts(1, 10))
    sql = "select count(*) from security_alerts where kind = :kind and created_at > now() - interval '1 hour'"
    async with transaction(EVERYONE) as session:
        before = (await session.execute(text(sql), {"kind": str(K.GUARD_DENIALS)})).scalar_one()
    monkeypatch.setattr(security_watches, "MOST_TOLD", before + 1)
    letters = []
    for _ in range(2):
        analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
        await refused(analyst)
        await jobs.watch()
        [alert] = await found(K.GUARD_DENIALS, analyst.id)
        letters.append(bool(await letters_of(alert)))
    assert letters == [True, False]


async def test_operators_get_a_letter_and_answer_and_others_do_not(rules, monkeypatch):
    monkeypatch.setattr(security_watches, "MOST_TOLD", 10_000)
    person, auditor = await make_person(Role.OPERATOR), actor_of(await make_person(Role.AUDITOR))
    operator = replace(actor_of(person), session_id=None)
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
    await call(security_rules.save, SYSTEM, K.GUARD_DENIALS, Counts(1, 10))
    await refused(analyst)
    await asyncio.gather(jobs.watch(), jobs.watch())
    [alert] = await found(K.GUARD_DENIALS, analyst.id)
    letters = await letters_of(alert)
    assert sum(str(person.id) in one for one in letters) == 1
    written = await call(security_alerts.addressed, SYSTEM, alert.id, person.id)
    assert written.address == person.email
    assert written.letter.title == "Burst of refusals"
    assert analyst.name in written.letter.as_text()
    assert await call(security_alerts.addressed, SYSTEM, alert.id, auditor.id) is None
    [told] = [one for one in await call(security_alerts.page, auditor, Filter()) if one.alert.id == alert.id]
    assert (told.subject, told.partner) == (analyst.name, "Fjord Bank")
    for stranger in (analyst, actor_of(await make_person(Role.REVIEWER))):
        for ask in (
            lambda who: call(security_alerts.page, who, Filter()),
            lambda who: call(security_rules.read, who),
        ):
            with pytest.raises(NotAllowed):
                await ask(stranger)
    with pytest.raises(NotAllowed):
        await call(security_alerts.acknowledge, auditor, alert.id, "Seen")
    for note in ("", "x" * 301):
        with pytest.raises(Invalid):
            await call(security_alerts.acknowledge, operator, alert.id, note)
    with pytest.raises(NotFound):
        await call(security_alerts.acknowledge, operator, new_id(), "Seen")
    done = await call(security_alerts.acknowledge, operator, alert.id, " A  program lacked a scope. ")
    assert (done.state, done.note, done.acknowledged_by) == ("acknowledged", "A program lacked a scope.", person.id)
    with pytest.raises(Conflict):
        await call(security_alerts.acknowledge, operator, alert.id, "Again")
    assert alert.id not in {
        one.alert.id for one in await call(security_alerts.page, operator, Filter(SecurityState.OPEN))
    }
    assert security_alerts.entry_ids(alert) == [public_id(Prefix.AUDIT_ENTRY, alert.entry_ids[0])]


async def test_partners_see_none_of_the_tables(rules):
    cast = await make_cast()
    async with transaction(Tenancy.of(cast.partner.id)) as session:
        for table in ("security_alerts", "security_marks", "key_networks"):
            assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() == 0


async def test_old_marks_go_and_young_ones_stay(rules):
    analyst = actor_of(await make_person(Role.PARTNER_ANALYST))
    with clock.at(clock.wall() - timedelta(days=3)):
        await refused(analyst)
    await refused(analyst)
    await jobs.watch()
    await jobs.forget()
    async with transaction(EVERYONE) as session:
        marks = (await session.execute(select(SecurityMark).where(SecurityMark.subject == str(analyst.id)))).scalars()
        assert len(list(marks)) == 1


async def test_old_alerts_go_a_batch_at_a_time(rules, monkeypatch):
    monkeypatch.setattr(security_watches, "MOST_FORGOTTEN", 2)
    subject, long_ago = str(new_id()), clock.wall() - timedelta(days=366)
    async with transaction(EVERYONE) as session:
        for number in range(5):
            at = long_ago - timedelta(days=number)
            row = SecurityAlert(
                id=id_at(at), created_at=at, kind=K.GUARD_DENIALS, subject=subject, window_from=at, window_until=at,
                last_seen_at=at, affected=1, threshold=1,
            )  # fmt: skip
            await insert(session, row)
    async with transaction(EVERYONE) as session:
        assert await security_watches.forget(session, SYSTEM) == 2
    assert len(await found(K.GUARD_DENIALS, subject)) == 3
    await jobs.forget()
    assert await found(K.GUARD_DENIALS, subject) == []


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"), ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"), ("", ""), ("unix:", ""),
    ],
)  # fmt: skip
def test_a_network_is_what_one_customer_of_a_provider_has(ip, network):
    assert network_of(ip) == network


def test_rules_speak_within_their_bounds_and_say_what_to_do():
    for kind, rule in RULES.items():
        assert rule.kind == kind
        assert "{" not in rule.describe(rule.counts)
        assert len(rule.advice) > 40
    assert set(RULES) == set(K)
