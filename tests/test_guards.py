"""What the database holds by itself, whatever the code above it forgets."""

import uuid

import pytest
from sqlalchemy import CursorResult, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.applicants import Applicant
from backoffice.models.documents import MOVES, Document, DocumentStatus
from backoffice.models.members import Member, Role
from backoffice.models.partners import Partner
from backoffice.models.review_tasks import Decision, ReviewTask
from backoffice.models.verifications import Verification
from backoffice.services import documents
from backoffice.services.access import Actor
from tests.servers import Servers

SYSTEM = Actor.system(name="tests")
EVERYONE = Tenancy.everyone()


async def new_partner(slug: str = "guard") -> Partner:
    async with transaction(EVERYONE) as session:
        partner = Partner(name=slug, slug=f"{slug}-{uuid.uuid4().hex[:10]}")
        session.add(partner)
    return partner


async def new_document(partner: Partner) -> Document:
    async with transaction(EVERYONE) as session:
        applicant = Applicant(partner_id=partner.id, livemode=True)
        session.add(applicant)
        await session.flush()
        verification = Verification(partner_id=partner.id, livemode=True, applicant_id=applicant.id)
        session.add(verification)
        await session.flush()
        document = Document(
            partner_id=partner.id, livemode=True, applicant_id=applicant.id, verification_id=verification.id
        )
        session.add(document)
        await session.flush()
        await documents.announce_created(session, SYSTEM, document)
    return document


async def new_member(role: Role = Role.REVIEWER) -> Member:
    async with transaction(EVERYONE) as session:
        member = Member(email=f"{uuid.uuid4().hex}@staff.example", name="Guard", role=role, password_hash="x")
        session.add(member)
    return member


async def refused(sql: str, tenancy: Tenancy = EVERYONE, **values: object) -> str:
    with pytest.raises(DBAPIError) as caught:
        async with transaction(tenancy) as session:
            await session.execute(text(sql), values)
    return str(caught.value.orig)


def tenant_tables() -> list[str]:
    return sorted(name for name, table in SQLModel.metadata.tables.items() if "partner_id" in table.columns)


async def test_every_tenant_table_has_a_forced_policy(database: Servers):
    query = text(
        "select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid"
        " where c.relrowsecurity and c.relforcerowsecurity"
    )
    async with transaction(EVERYONE) as session:
        protected = set((await session.execute(query)).scalars())
    assert len(tenant_tables()) > 15
    assert set(tenant_tables()) - protected == set()


async def test_the_application_role_owns_nothing_and_bypasses_nothing(database: Servers):
    async with transaction(EVERYONE) as session:
        role = (
            await session.execute(
                text(
                    "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname=current_user"
                )
            )
        ).one()
        owned = (
            await session.execute(text("select count(*) from pg_class where pg_get_userbyid(relowner) = current_user"))
        ).scalar_one()
    assert tuple(role) == (False, False, False, False)
    assert owned == 0


@pytest.mark.parametrize(
    "sql",
    [
        "truncate documents",
        "alter table documents disable row level security",
        "alter table documents no force row level security",
        "set local session_replication_role = replica",
        "drop policy tenant on documents",
        "delete from reasons",
        "delete from document_moves",
        "update alembic_version set version_num = 'x'",
    ],
)
async def test_the_application_role_cannot_take_its_chains_off(database: Servers, sql: str):
    message = await refused(sql)
    assert "permission denied" in message or "must be owner" in message


async def test_without_a_tenant_there_are_no_rows(database: Servers):
    await new_document(await new_partner())
    async with transaction(Tenancy()) as session:
        for table in tenant_tables():
            assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() == 0, table


async def test_another_partners_rows_are_not_there(database: Servers):
    mine, theirs = await new_partner("mine"), await new_partner("theirs")
    document = await new_document(theirs)
    async with transaction(Tenancy.of(mine.id)) as session:
        found = await session.execute(text("select count(*) from documents where id = :id"), {"id": document.id})
        assert found.scalar_one() == 0
        changed = await session.execute(
            text("update documents set external_id = 'stolen' where id = :id"), {"id": document.id}
        )
        assert isinstance(changed, CursorResult)
        assert changed.rowcount == 0


async def test_a_row_for_another_partner_cannot_be_written(database: Servers):
    mine, theirs = await new_partner("mine"), await new_partner("theirs")
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(Tenancy.of(mine.id)) as session:
            session.add(Applicant(partner_id=theirs.id, livemode=True))
            await session.flush()


async def test_a_reference_across_partners_is_refused_even_for_staff(database: Servers):
    mine, theirs = await new_partner("mine"), await new_partner("theirs")
    document = await new_document(theirs)
    with pytest.raises(DBAPIError, match="foreign key"):
        async with transaction(EVERYONE) as session:
            session.add(ReviewTask(partner_id=mine.id, document_id=document.id))
            await session.flush()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *((table, "id") for table in ("events", "audit_entries", "decisions", "attempts")),
        *(("audit_leaves", "index"), ("audit_nodes", "index"), ("audit_checkpoints", "size")),
    ],
)
async def test_append_only_tables_refuse_changes(database: Servers, servers: Servers, table: str, column: str):
    assert "permission denied" in await refused(f"update {table} set {column} = {column}")
    assert "permission denied" in await refused(f"delete from {table}")
    assert "permission denied" in await refused(f"truncate {table}")


async def test_append_only_holds_for_the_owner_too(database: Servers, servers: Servers):
    import psycopg

    await new_document(await new_partner())
    url = servers.url("backoffice_owner").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('app.everyone', 'on', true)")
        with pytest.raises(psycopg.Error, match="append-only"):
            connection.execute("update events set type = 'x'")


async def test_moves_are_the_same_in_code_and_database(database: Servers):
    async with transaction(EVERYONE) as session:
        rows = (await session.execute(text("select from_status, to_status from document_moves"))).all()
    in_code = {(str(start), str(end)) for start, ends in MOVES.items() for end in ends}
    assert {tuple(row) for row in rows} == in_code


@pytest.mark.parametrize(
    "status", [s for s in DocumentStatus if s not in MOVES[DocumentStatus.SUBMITTED] | {"submitted"}]
)
async def test_an_illegal_move_is_refused_by_the_database(database: Servers, status: DocumentStatus):
    document = await new_document(await new_partner())
    message = await refused(
        "update documents set status = :s, version = version + 1 where id = :id", s=str(status), id=document.id
    )
    assert "cannot become" in message


async def test_a_change_without_event_and_audit_entry_does_not_commit(database: Servers):
    document = await new_document(await new_partner())
    message = await refused(
        "update documents set status = 'processing', version = version + 1 where id = :id", id=document.id
    )
    assert "without an event" in message


async def test_a_change_must_raise_the_version(database: Servers):
    document = await new_document(await new_partner())
    assert "raise the version" in await refused(
        "update documents set status = 'processing' where id = :id", id=document.id
    )


async def test_a_document_has_one_open_review_task(database: Servers):
    partner = await new_partner()
    document = await new_document(partner)
    with pytest.raises(DBAPIError, match="uq_review_tasks_open"):
        async with transaction(EVERYONE) as session:
            for _ in range(2):
                session.add(ReviewTask(partner_id=partner.id, document_id=document.id))
            await session.flush()


async def test_the_second_signer_is_not_the_first(database: Servers):
    partner = await new_partner()
    document, member = await new_document(partner), await new_member()
    with pytest.raises(DBAPIError, match="second_signer_differs"):
        async with transaction(EVERYONE) as session:
            session.add(
                Decision(
                    partner_id=partner.id,
                    document_id=document.id,
                    outcome="approved",
                    decided_by_type="reviewer",
                    member_id=member.id,
                    second_member_id=member.id,
                )
            )
            await session.flush()


async def test_a_member_of_staff_has_no_partner_and_the_other_way_round(database: Servers):
    partner = await new_partner()
    with pytest.raises(DBAPIError, match="role_matches_partner"):
        async with transaction(EVERYONE) as session:
            session.add(
                Member(
                    partner_id=partner.id,
                    email=f"{uuid.uuid4().hex}@x.example",
                    name="x",
                    role=Role.REVIEWER,
                    password_hash="x",
                )
            )
            await session.flush()


async def test_event_sequences_have_no_gap_under_concurrency(database: Servers):
    import asyncio

    from backoffice.services import events

    partner = await new_partner()
    document = await new_document(partner)

    async def emit(number: int) -> None:
        try:
            async with transaction(EVERYONE) as session:
                await events.emit(session, SYSTEM, "document.created", documents.subject(document))
                if number % 4 == 0:
                    raise RuntimeError("rolled back")
        except RuntimeError:
            pass

    await asyncio.gather(*(emit(number) for number in range(24)))
    async with transaction(EVERYONE) as session:
        rows = await session.execute(
            text("select sequence from events where subject_id = :id order by 1"), {"id": document.id}
        )
        numbers = list(rows.scalars())
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 2 + 18


async def test_a_tenant_does_not_outlive_its_transaction(database: Servers):
    partner = await new_partner()
    await new_document(partner)
    async with transaction(Tenancy.of(partner.id)):
        pass
    for _ in range(12):
        async with transaction(Tenancy()) as session:
            assert (await session.execute(text("select count(*) from documents"))).scalar_one() == 0
    assert now().tzinfo is not None
