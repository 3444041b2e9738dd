"""What each rule finds, from real rows: nothing of strangers and of test data, its threshold, and what it says."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.alert_rules import RULES, Thresholds
from backoffice.models.alert_words import words
from backoffice.models.alerts import AlertKind, AlertState, Facts, Severity
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.documents import DocumentStatus
from backoffice.models.members import Role
from backoffice.models.webhooks import EndpointStatus
from backoffice.services import alert_facts, alert_rules, webhook_endpoints
from backoffice.services.access import Actor
from tests.services.alert_cast import (
    EVERYONE,
    asked,
    checked,
    failing,
    found,
    key_until,
    late_reviews,
    only,
    used,
)
from tests.services.review_cast import in_review, make_cast, member
from tests.services.test_metrics import document_that_is
from tests.services.webhook_cast import emit, endpoint_of, quiet

pytestmark = pytest.mark.usefixtures("database")
K = AlertKind


async def read(actor) -> Thresholds:
    async with transaction(actor.tenancy) as session:
        return await alert_rules.read(session, actor)


async def saved(actor, *, version=0, off=(), **values) -> Thresholds:
    wanted = Thresholds(version, frozenset(off), {K(kind): value for kind, value in values.items()})
    async with transaction(actor.tenancy) as session:
        return await alert_rules.save(session, actor, wanted)


async def test_strangers_rules_are_nobodys_and_only_administrators_change_them():
    acme, rival = await make_cast(), await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    await saved(admin, quota=50)
    assert await read(await member(rival, Role.PARTNER_ADMIN)) == Thresholds()
    for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST):
        person = await member(acme, role)
        assert (await read(person)).of(K.QUOTA) == 50
        with pytest.raises(NotAllowed):
            await saved(person, version=1, quota=60)
    for role in (Role.REVIEWER, Role.OPERATOR):
        with pytest.raises(NotAllowed):
            await read(await member(acme, role))


async def test_without_a_row_every_rule_is_on_with_its_own_threshold():
    rules = await read(await member(await make_cast(), Role.PARTNER_ADMIN))
    assert (rules.version, rules.off) == (0, frozenset())
    assert {kind: rules.of(kind) for kind in K} == {kind: rule.default for kind, rule in RULES.items()}
    assert all(rule.least <= rule.default <= rule.most for rule in RULES.values())


async def test_rules_are_changed_once_with_a_difference_and_against_no_faster_colleague():
    acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    for wrong in ({"quota": 0}, {"quota": 101}, {"webhook_failing": 1_441}, {"rejections": 4}):
        with pytest.raises(Invalid) as refused:
            await saved(admin, **wrong)
        assert refused.value.pointer == f"/{next(iter(wrong))}"
    with pytest.raises(Conflict, match="Nothing differs"):
        await saved(admin, quota=RULES[K.QUOTA].default)
    after = await saved(admin, off=[K.SLA_RISK], quota=50)
    assert (after.version, after.off, dict(after.values)) == (1, {K.SLA_RISK}, {K.QUOTA: 50})
    with pytest.raises(Conflict, match="Somebody changed"):
        await saved(admin, quota=60)
    statement = select(AuditEntry.changes).where(
        AuditEntry.partner_id == acme.partner.id, AuditEntry.action == "alert_rules.changed"
    )
    async with transaction(EVERYONE) as session:
        [changes] = (await session.execute(statement)).scalars()
    assert changes == {"quota": [80, 50], "sla_risk.on": [True, False], "version": 1}


async def test_a_change_is_gone_through_at_once_and_a_rule_that_is_off_ends_its_alerts():
    acme = await make_cast()
    admin = await member(acme, Role.PARTNER_ADMIN)
    await used(acme, 6_000)
    assert await checked(acme) == 0
    await saved(admin, quota=50)
    sql = """select count(*) from pgqueuer
             where entrypoint = 'alert.check_partner' and convert_from(payload, 'utf8') like :p"""
    async with transaction(EVERYONE) as session:
        assert (await session.execute(text(sql), {"p": f"%{acme.partner.id}%"})).scalar_one() == 1
    assert await checked(acme) == 1
    assert (await only(acme)).state == AlertState.OPEN
    await saved(admin, version=1, off=[K.QUOTA], quota=50)
    assert await checked(acme) == 1
    assert (await only(acme)).state == AlertState.RESOLVED


async def test_strangers_and_test_data_make_no_alert():
    acme, rival = await make_cast(), await make_cast()
    await asked(rival, *[500] * 30)
    await used(rival, 10_000)
    await key_until(rival, now() + timedelta(days=1))
    await key_until(acme, now() + timedelta(days=1), livemode=False)
    endpoint, _ = await endpoint_of(acme, "http://127.0.0.1:9/hook", livemode=False)
    async with transaction(EVERYONE) as session:
        sql = "update webhook_endpoints set failing_since = now() - interval '3 days' where id = :i"
        await session.execute(text(sql), {"i": endpoint.id})
    for _ in range(3):
        await in_review(acme, livemode=False)
    async with transaction(EVERYONE) as session:
        sql = "update review_tasks set warn_at = now() - interval '1 hour', version = version + 1 where partner_id = :p"
        await session.execute(text(sql), {"p": acme.partner.id})
    assert await checked(acme) == 0
    assert await found(acme) == []
    await quiet(acme)


async def test_an_endpoint_that_fails_for_long_or_was_switched_off():
    acme = await make_cast()
    short, long = await failing(acme, timedelta(minutes=14)), await failing(acme, timedelta(minutes=16))
    await emit(acme)
    await emit(acme)
    assert await checked(acme) == 1
    row = await only(acme)
    assert (row.kind, row.subject_id, row.severity, row.affected) == (K.WEBHOOK_FAILING, long.id, Severity.WARNING, 2)
    said = words(row)
    assert (said.title, said.affected) == ("The webhook Orders is failing", "2 messages wait")
    assert said.href.startswith("/partner/developers/webhooks/whk_")
    off = await failing(acme, timedelta(), status=EndpointStatus.DISABLED, disabled_reason="The receiver answered 410.")
    assert await checked(acme, now() + timedelta(days=1)) >= 2
    rows = {one.subject_id: one for one in await found(acme)}
    assert {rows[one.id].severity for one in (short, long, off)} == {Severity.CRITICAL}
    assert words(rows[off.id]).title == "The webhook Orders was switched off"
    await quiet(acme)


async def test_an_endpoint_that_its_owner_switched_off_is_no_alert():
    acme = await make_cast()
    endpoint = await failing(acme, timedelta(days=2))
    async with transaction(EVERYONE) as session:
        await webhook_endpoints.disable(session, Actor.system(acme.partner.id), endpoint.id)
    assert await checked(acme) == 0
    await failing(acme, timedelta(days=2), is_paused=True)
    assert await checked(acme) == 0, "its owner wants nothing sent"
    await quiet(acme)


async def test_errors_of_the_api_need_enough_requests_and_a_share_and_go_with_time():
    acme = await make_cast()
    await asked(acme, *[404] * 19)
    assert await checked(acme) == 0, "too few to say anything"
    await asked(acme, *[200] * 172)
    assert await checked(acme) == 0, "19 of 191 are less than a tenth"
    await asked(acme, 422, 500)
    assert await checked(acme) == 1
    row = await only(acme)
    assert (row.kind, row.severity, row.affected) == (K.API_ERRORS, Severity.WARNING, 21)
    assert words(row).affected == "21 of 193 requests"
    assert "status=4xx" in words(row).href
    assert await checked(acme, now() + timedelta(minutes=20)) == 1
    assert (await only(acme)).state == AlertState.RESOLVED


async def test_errors_of_the_api_on_our_side_lead_to_those():
    acme = await make_cast()
    await asked(acme, *[500] * 30)
    await checked(acme)
    row = await only(acme)
    assert (row.severity, "status=5xx" in words(row).href) == (Severity.CRITICAL, True)
    assert "30 of them failed on our side" in words(row).advice


async def test_the_quota_is_one_alert_that_gets_worse():
    acme = await make_cast()
    steps = []
    for documents in (7_999, 8_000, 9_000, 10_000):
        await used(acme, documents)
        await checked(acme)
        steps.append([(row.severity, words(row).title) for row in await found(acme)])
    assert steps == [
        [],
        [(Severity.INFO, "80 % of the month's documents are used")],
        [(Severity.WARNING, "90 % of the month's documents are used")],
        [(Severity.CRITICAL, "The month's documents are used up")],
    ]


async def test_reviews_that_are_late_or_nearly_so():
    acme = await make_cast()
    await late_reviews(acme, 2)
    assert await checked(acme) == 0
    await late_reviews(acme, 0, over=1)
    assert await checked(acme) == 1
    row = await only(acme)
    assert (row.kind, row.severity, row.affected) == (K.SLA_RISK, Severity.WARNING, 3)
    assert words(row).title == "3 reviews are late or nearly so"
    await late_reviews(acme, 0, over=2)
    assert await checked(acme) == 1
    assert (await only(acme)).severity == Severity.CRITICAL


async def test_a_key_is_pointed_at_from_a_week_before_its_end_until_three_days_after():
    acme = await make_cast()
    moment = now()
    key_id = await key_until(acme, moment + timedelta(days=8))
    assert await checked(acme, moment) == 0
    said = []
    for days in (2, 7.5, 9, 12):
        await checked(acme, moment + timedelta(days=days))
        row = await only(acme)
        said.append((row.state, row.severity, "expired" in words(row).title))
    assert row.subject_id == key_id
    assert said == [
        (AlertState.OPEN, Severity.WARNING, False),
        (AlertState.OPEN, Severity.CRITICAL, False),
        (AlertState.OPEN, Severity.CRITICAL, True),
        (AlertState.RESOLVED, Severity.CRITICAL, True),
    ]


async def test_rejections_are_compared_with_the_four_weeks_before():
    acme = await make_cast()
    for status, number in ((DocumentStatus.REJECTED, 12), (DocumentStatus.APPROVED, 10)):
        for _ in range(number):
            await document_that_is(acme, status, took=timedelta())
    assert await checked(acme) == 0, "nothing is usual yet"
    day = (now() - timedelta(days=9)).date()
    sql = """insert into day_counts (partner_id, livemode, day, type, country, received, screened, approved, rejected,
                resubmission_requested, by_policy, later, later_approved)
             values (:p, true, :d, '', '', 100, 100, 80, 10, 10, 0, 0, 0)"""
    async with transaction(EVERYONE) as session:
        await session.execute(text(sql), {"p": acme.partner.id, "d": day})
    assert await checked(acme) == 1
    row = await only(acme)
    assert (row.kind, row.severity, row.affected) == (K.REJECTIONS, Severity.CRITICAL, 12)
    assert words(row).title == "54 % of decisions are rejections, usually 10 %"


def facts(**values) -> Facts:
    return Facts(as_of=now(), partner_id=new_id(), **values)


def test_a_few_more_rejections_than_usual_are_chance():
    usual = {"usual_decided": 1_000, "usual_rejected": 300}
    assert Thresholds().evaluate(facts(decided=20, rejected=9, **usual)) == [], "15 points, and chance"
    [one] = Thresholds().evaluate(facts(decided=200, rejected=90, **usual))
    assert one.severity == Severity.WARNING
    assert Thresholds().evaluate(facts(decided=200, rejected=89, **usual)) == [], "14.5 points"


def test_every_rule_describes_itself_with_its_threshold():
    for rule in RULES.values():
        assert str(rule.default) in rule.describe(rule.default)
        assert rule.describe(rule.default).endswith(".")


async def test_what_is_read_comes_from_indexes():
    acme = await make_cast()
    async with transaction(EVERYONE) as session:
        await session.execute(text("set local enable_seqscan = off"))
        arguments = alert_facts._arguments(acme.partner.id, now())
        plan = "\n".join((await session.execute(text("explain " + alert_facts.READ.text), arguments)).scalars())
    assert "Seq Scan" not in plan
