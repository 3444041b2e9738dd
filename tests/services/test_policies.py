"""Policies: written by one person, published by another, and never rewritten afterwards."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from backoffice.db import transaction
from backoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.models.policies import PolicyVersion
from backoffice.services import policies
from backoffice.services.access import Actor
from tests.services.policy_cast import APPROVES, EVERYONE, drafted, published, two
from tests.services.review_cast import make_cast, member

pytestmark = pytest.mark.usefixtures("database")
OUTSIDERS = [role for role in Role if role not in {Role.OPERATOR, Role.REVIEW_LEAD}]


async def act(name, actor, *arguments, **named):
    async with transaction(EVERYONE) as session:
        return await getattr(policies, name)(session, actor, *arguments, **named)


@pytest.mark.parametrize("role", OUTSIDERS)
async def test_others_write_no_policy(role):
    cast = await make_cast()
    writer, _ = await two(cast)
    version = await drafted(writer, cast)
    outsider = await member(cast, role)
    with pytest.raises(NotAllowed):
        await drafted(outsider, cast)
    with pytest.raises(NotAllowed):
        await act("save", outsider, version.id, source="", note="", revision=1)
    for name in ("begin_shadow", "publish", "discard"):
        with pytest.raises(NotAllowed):
            await act(name, outsider, version.id)
    if role != Role.AUDITOR:
        with pytest.raises(NotAllowed):
            await act("versions", outsider, cast.partner.id)
        with pytest.raises(NotAllowed):
            await act("get", outsider, version.id)


async def test_neither_jobs_nor_commands_publish():
    cast = await make_cast()
    writer, _ = await two(cast)
    version = await drafted(writer, cast)
    with pytest.raises(NotAllowed, match="Only a person"):
        await act("publish", Actor.system(), version.id)


async def test_a_partners_own_connection_sees_no_other_partners_policy():
    cast, other = await make_cast(), await make_cast()
    version = await published(cast)
    async with transaction(other.api.tenancy) as session:
        statement = select(func.count()).select_from(PolicyVersion).where(PolicyVersion.id == version.id)
        assert (await session.execute(statement)).scalar_one() == 0


async def test_the_author_cannot_publish_and_a_second_person_can():
    cast = await make_cast()
    writer, publisher = await two(cast)
    version = await drafted(writer, cast, note="  Approve good ones  ")
    with pytest.raises(NotAllowed) as caught:
        await act("publish", writer, version.id)
    assert caught.value.code == "second_person_needed"
    version = await act("publish", publisher, version.id)
    assert (version.status, version.published_by, version.note) == ("published", publisher.id, "Approve good ones")
    with pytest.raises(Conflict):
        await act("publish", publisher, version.id)


async def test_whoever_saved_a_draft_is_an_author_too():
    cast = await make_cast()
    writer, publisher = await two(cast)
    version = await drafted(writer, cast)
    saved = await act("save", publisher, version.id, source=f"{APPROVES}\n", note="", revision=1)
    assert saved.authors == [writer.id, publisher.id]
    for person in (writer, publisher):
        with pytest.raises(NotAllowed):
            await act("publish", person, version.id)
    third = await member(cast, Role.OPERATOR)
    assert (await act("publish", third, version.id)).status == "published"


async def test_the_database_refuses_an_author_as_publisher_and_a_new_wording():
    cast = await make_cast()
    writer, _ = await two(cast)
    version = await drafted(writer, cast)
    for values in (
        {"status": "published", "published_by": writer.id, "published_at": func.now()},
        {"published_at": func.now()},
    ):
        with pytest.raises(DBAPIError):
            async with transaction(EVERYONE) as session:
                await session.execute(update(PolicyVersion).where(PolicyVersion.id == version.id).values(**values))
    ruling = await published(cast)
    undone = {"published_at": None, "published_by": None}
    for values in (
        {"source": "other"}, {"authors": [uuid4()]}, {"published_at": func.now()}, {"status": "draft"}, undone,
    ):  # fmt: skip
        with pytest.raises(DBAPIError):
            async with transaction(EVERYONE) as session:
                await session.execute(update(PolicyVersion).where(PolicyVersion.id == ruling.id).values(**values))


async def test_two_who_save_at_once_do_not_overwrite_each_other():
    cast = await make_cast()
    writer, other = await two(cast)
    version = await drafted(writer, cast)
    answers = await asyncio.gather(
        act("save", writer, version.id, source=f"{APPROVES}#1", note="", revision=1),
        act("save", other, version.id, source=f"{APPROVES}#2", note="", revision=1),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in answers) == ["Conflict", "PolicyVersion"]


async def test_two_who_publish_at_once_leave_one_in_force():
    cast = await make_cast()
    writer, publisher = await two(cast)
    first, second = await drafted(writer, cast), await drafted(writer, cast)
    await asyncio.gather(*(act("publish", publisher, version.id) for version in (first, second)))
    statuses = {row.number: row.status for row in await act("versions", writer, cast.partner.id)}
    assert sorted(statuses.values()) == ["published", "retired"]


async def test_numbers_count_on_also_when_two_draft_at_once():
    cast = await make_cast()
    writer, other = await two(cast)
    rows = await asyncio.gather(*(drafted(person, cast) for person in (writer, other, writer, other)))
    assert sorted(row.number for row in rows) == [1, 2, 3, 4]
    assert len({row.policy_id for row in rows}) == 1


BAD_REASONS = [
    ("rejected", "no_such_reason", "not a reason"),
    ("rejected", "check_unavailable", "not a reason"),
    ("rejected", "other", "needs a note"),
    ("resubmission_requested", "forgery", "allows no other try"),
]


@pytest.mark.parametrize(("outcome", "code", "words"), BAD_REASONS)
async def test_reasons_come_from_the_catalogue_and_fit(outcome, code, words):
    cast = await make_cast()
    writer, publisher = await two(cast)
    source = (
        "language: policy/v1\nrequired: [text]\nrules:\n"
        f"  - name: a\n    when: {{type: tax_id}}\n    then: {{outcome: {outcome}, reasons: [{code}]}}\n"
    )
    version = await drafted(writer, cast, source)
    async with transaction(EVERYONE) as session:
        faults = await policies.faults(session, source)
    assert [fault.line for fault in faults] == [4]
    assert words in faults[0].message
    for name, actor in (("publish", publisher), ("begin_shadow", writer)):
        with pytest.raises(Invalid) as caught:
            await act(name, actor, version.id)
        assert caught.value.code == "policy_invalid"


async def test_a_draft_may_be_wrong_and_is_kept():
    cast = await make_cast()
    writer, publisher = await two(cast)
    version = await drafted(writer, cast, "rules: [")
    with pytest.raises(Invalid, match="Line 1"):
        await act("publish", publisher, version.id)
    with pytest.raises(Invalid) as caught:
        await drafted(writer, cast, "x" * 50_000)
    assert caught.value.code == "policy_too_long"


async def test_one_shadow_at_a_time_which_can_be_discarded_or_published():
    cast = await make_cast()
    writer, publisher = await two(cast)
    first, second = await drafted(writer, cast), await drafted(writer, cast)
    assert (await act("begin_shadow", writer, first.id)).status == "shadow"
    with pytest.raises(Conflict) as caught:
        await act("begin_shadow", writer, second.id)
    assert caught.value.code == "shadow_taken"
    with pytest.raises(Conflict):
        await act("save", writer, first.id, source="x", note="", revision=1)
    await act("discard", writer, first.id)
    await act("begin_shadow", writer, second.id)
    assert (await act("publish", publisher, second.id)).status == "published"
    with pytest.raises(Conflict):
        await act("discard", writer, second.id)
    assert [row.number for row in await act("versions", writer, cast.partner.id)] == [2]


async def test_a_partners_own_policy_rules_until_it_is_withdrawn():
    cast = await make_cast()
    writer, _ = await two(cast)
    own = await published(cast)
    async with transaction(EVERYONE) as session:
        assert (await policies.in_force(session, cast.partner.id)).published.id == own.id
    await act("withdraw", writer, cast.partner.id)
    async with transaction(EVERYONE) as session:
        ruling = (await policies.in_force(session, cast.partner.id)).published
    assert ruling is None or ruling.partner_id is None
    with pytest.raises(NotFound):
        await act("withdraw", writer, cast.partner.id)


async def test_strangers_and_unknown_ids_are_not_found():
    cast = await make_cast()
    writer, _ = await two(cast)
    with pytest.raises(NotFound):
        await act("publish", writer, uuid4())
    with pytest.raises(NotFound):
        await act("draft", writer, source=APPROVES, note="", partner_id=uuid4())


async def test_every_step_is_in_the_audit_trail():
    cast = await make_cast()
    version = await published(cast)
    async with transaction(EVERYONE) as session:
        statement = select(AuditEntry).where(AuditEntry.subject_id == version.id).order_by(AuditEntry.id)
        entries = list((await session.execute(statement)).scalars())
    assert [entry.action for entry in entries] == ["policy.drafted", "policy.published"]
    assert entries[1].changes["policy_version"] == version.label
    assert len(entries[1].changes["authors"]) == 1
