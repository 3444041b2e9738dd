"""Retention rules: whose they are, which one counts, and that nobody overwrites another's."""

import asyncio
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.jobs import retention as jobs
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.models.retention_rules import Case, Ending, RetentionRule, best
from backoffice.services import retention_dates, retention_rules
from tests.api.world import rows, rows_changed
from tests.services.retention_cast import (
    APPROVED,
    EVERYONE,
    FIVE_YEARS,
    audited,
    ended,
    move,
    operator,
    set_rule,
    stored,
)
from tests.services.review_cast import SYSTEM, make_cast, member, submitted

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OPERATOR, Role.AUDITOR}])
async def test_only_operators_and_auditors_see_rules(role):
    person = await member(await make_cast(), role)
    with pytest.raises(NotAllowed):
        async with transaction(person.tenancy) as session:
            await retention_rules.listed(session, person)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OPERATOR])
async def test_only_operators_change_rules(role):
    person = await member(await make_cast(), role)
    with pytest.raises(NotAllowed):
        await set_rule(person)
    with pytest.raises(NotAllowed):
        async with transaction(person.tenancy) as session:
            await retention_rules.end(session, person, new_id())


async def test_the_database_lets_no_partner_write_a_rule_and_nobody_change_one():
    cast = await make_cast()
    row = await set_rule(await operator(cast), partner_id=cast.partner.id)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(cast.api.tenancy) as session:
            await session.execute(
                text(
                    "insert into retention_rules (id, created_at, partner_id, days, basis)"
                    " values (:i, now(), :p, 1, 'x')"
                ),
                {"i": new_id(), "p": cast.partner.id},
            )
    for sql in ("update retention_rules set days = 1 where id = :i", "delete from retention_rules where id = :i"):
        with pytest.raises(DBAPIError, match="never changes"):
            await rows_changed(sql, i=row.id)
    other = await make_cast()
    async with transaction(other.api.tenancy) as session:
        seen = {rule.id for rule in await retention_dates.in_force(session)}
    assert row.id not in seen
    assert seen


async def test_defaults_keep_decisions_for_five_years_and_what_was_abandoned_for_90_days():
    cast = await make_cast()
    for statuses, days in (
        (APPROVED, FIVE_YEARS.days),
        (("processing", "rejected"), FIVE_YEARS.days),
        (("processing", "in_review", "resubmission_requested", "expired"), FIVE_YEARS.days),
        (("canceled",), 90),
    ):
        row = await stored(await ended(cast, *statuses))
        assert row.delete_after == row.completed_at + timedelta(days=days), statuses
    never_sent = await submitted(cast, status="awaiting_upload")
    await rows_changed("update documents set submitted_at = null where id = :d", d=never_sent)
    row = (await move(never_sent, "expired"),)[0]
    assert row.delete_after == row.completed_at + timedelta(days=90)


async def test_what_has_not_ended_has_no_date_and_a_reopened_document_loses_its():
    document_id = await submitted(await make_cast())
    for status in ("processing", "in_review", "resubmission_requested"):
        assert (await move(document_id, status)).delete_after is None
    other = await ended(await make_cast())
    assert (await stored(other)).delete_after
    assert (await move(other, "in_review")).delete_after is None


async def test_a_partners_own_rule_counts_for_its_documents_alone():
    cast, other = await make_cast(), await make_cast()
    await set_rule(await operator(cast), partner_id=cast.partner.id, ending="approved", days=10)
    for one, days in ((cast, 10), (other, FIVE_YEARS.days)):
        row = await stored(await ended(one))
        assert row.delete_after == row.completed_at + timedelta(days=days)


def rule(name, **fields):
    return RetentionRule(days=1, basis=name, **fields)


def test_the_most_specific_rule_counts():
    partner = new_id()
    ladder = [
        rule("all"),
        rule("type", type="passport"),
        rule("EEA", place="EEA"),
        rule("EEA and type", place="EEA", type="passport"),
        rule("EU", place="EU"),
        rule("country", place="FRA"),
        rule("country and type", place="FRA", type="passport"),
        rule("ending", ending="approved"),
        rule("ending and country", ending="approved", place="FRA"),
        rule("partner", partner_id=partner),
        rule("partner and type", partner_id=partner, type="passport"),
        rule("everything", partner_id=partner, ending="approved", place="FRA", type="passport"),
    ]
    case = Case(partner, Ending.APPROVED, "passport", "FRA")
    for top, expected in enumerate(ladder):
        assert best(ladder[: top + 1], case) is expected
        assert best(reversed(ladder[: top + 1]), case) is expected
    assert best(ladder, Case(new_id(), Ending.REJECTED, "selfie", "NOR")).basis == "EEA"
    assert best(ladder, Case(new_id(), Ending.REJECTED, None, None)).basis == "all"
    assert best([], case) is None


def test_no_two_rules_ever_say_the_same_of_one_document():
    partner = new_id()
    kinds = product((None, partner), ("", "approved"), ("", "EU", "EEA", "FRA"), ("", "passport"))
    ranks = [RetentionRule(partner_id=p, ending=e, place=w, type=t, days=1, basis="x").rank for p, e, w, t in kinds]
    assert len(set(ranks)) == len(ranks)


async def test_a_change_supersedes_and_is_written_down_with_what_differs():
    cast = await make_cast()
    person = await operator(cast)
    first = await set_rule(person, partner_id=cast.partner.id, days=30)
    second = await set_rule(person, partner_id=cast.partner.id, days=60, before=first.id)
    assert (second.version, second.supersedes_id, second.created_by) == (2, first.id, person.id)
    old = (await rows("select ended_at, ended_by from retention_rules where id = :i", i=first.id))[0]
    assert old.ended_at
    assert old.ended_by == person.id
    assert await audited(second.id, "retention_rule.changed") == [{"days": [30, 60], "version": 2}]
    async with transaction(EVERYONE) as session:
        await retention_rules.end(session, person, second.id)
    assert (await audited(second.id, "retention_rule.ended"))[0]["days"] == [60, None]


async def test_what_cannot_be_counted_by_is_refused():
    person = await operator()
    for fields, code in (
        ({"days": 0}, "out_of_range"), ({"days": 99_999}, "out_of_range"), ({"basis": "  "}, "basis_needed"),
        ({"ending": "lost"}, "invalid_value"), ({"type": "map"}, "invalid_value"), ({"place": "F1"}, "invalid_value"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            await set_rule(person, **fields)
        assert caught.value.code == code
    with pytest.raises(NotFound):
        await set_rule(person, partner_id=new_id())
    with pytest.raises(NotFound):
        await set_rule(person, before=new_id())


async def test_two_rules_for_the_same_documents_cannot_be():
    cast = await make_cast()
    person = await operator(cast)
    row = await set_rule(person, partner_id=cast.partner.id)
    with pytest.raises(Conflict) as caught:
        await set_rule(person, partner_id=cast.partner.id, days=9)
    assert caught.value.code == "rule_exists"
    with pytest.raises(Conflict) as caught:
        await set_rule(person, partner_id=cast.partner.id, before=row.id)
    assert caught.value.code == "nothing_changed"


async def test_of_two_operators_who_change_one_rule_the_second_hears_of_it():
    cast = await make_cast()
    one, two = await operator(cast), await operator(cast)
    row = await set_rule(one, partner_id=cast.partner.id)
    answers = await asyncio.gather(
        set_rule(one, partner_id=cast.partner.id, days=40, before=row.id),
        set_rule(two, partner_id=cast.partner.id, days=50, before=row.id),
        return_exceptions=True,
    )
    lost = [answer for answer in answers if isinstance(answer, Conflict)]
    assert [error.code for error in lost] == ["stale_version"]
    standing = await rows(
        "select days from retention_rules where partner_id = :p and ended_at is null", p=cast.partner.id
    )
    assert [row.days for row in standing] == [next(one.days for one in answers if isinstance(one, RetentionRule))]


async def test_dates_follow_a_rule_in_batches_and_go_on_after_a_death(monkeypatch):
    cast = await make_cast()
    papers = [await ended(cast) for _ in range(5)]
    person = await operator(cast)
    await set_rule(person, partner_id=cast.partner.id, days=7)
    monkeypatch.setattr(retention_dates, "BATCH", 2)
    first = min(papers)
    before = type(first)(int=first.int - 1)
    async with transaction(EVERYONE) as session:
        last = await retention_dates.recompute(session, SYSTEM, before)
    assert last == sorted(papers)[1]
    done = [
        (await stored(key)).delete_after < (await stored(key)).completed_at + timedelta(days=8)
        for key in sorted(papers)
    ]
    assert done == [True, True, False, False, False]
    monkeypatch.setattr(jobs, "MOST_BATCHES", 1)
    await jobs.recompute(after=str(last))
    assert [row.n for row in await rows(
        "select count(*) n from pgqueuer where entrypoint = 'retention.recompute'"
        " and encode(payload, 'escape') like :k",
        k=f"%{sorted(papers)[3]}%",
    )] == [1]  # fmt: skip
    await jobs.recompute(after=str(sorted(papers)[3]))
    for key in papers:
        row = await stored(key)
        assert row.delete_after == row.completed_at + timedelta(days=7)
