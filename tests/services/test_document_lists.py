"""Lists that stay as fast as they are: each filter reads an index, however many documents there are."""

import json
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import event
from sqlmodel import col

from backoffice.clock import now
from backoffice.db import Store, Tenancy, engine, transaction
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document, DocumentStatus
from backoffice.models.verifications import Verification
from backoffice.services import documents
from backoffice.services.access import Actor
from backoffice.services.documents import Filter
from tests.services.people import make_partner

COUNT = 20_000
MOST_READ = 500
"""Rows read in vain: other tests' documents of years to come stand before these in the index of the key."""
FILL = """
with made as (select g, uuidv7(interval '1 millisecond' * (g - %(count)s::int)) as id
              from generate_series(1, %(count)s::int) g)
insert into documents (id, created_at, partner_id, livemode, applicant_id, verification_id, external_id, type,
                       status, version, attempt, max_attempts, request_id)
select id, now(), %(partner)s, true, %(applicant)s, %(verification)s, 'user-' || g, 'passport', %(status)s, 1, 1, 3, ''
from made
"""


TAG = """
insert into document_tags (id, created_at, partner_id, livemode, document_id, tag)
select gen_random_uuid(), now(), partner_id, true, id, case when external_id like '%%77' then 'rare' else 'common' end
from documents where partner_id = %(partner)s
"""


async def _owner(status: str) -> tuple[UUID, dict[str, object]]:
    partner_id = await make_partner()
    async with transaction(Tenancy.everyone()) as session:
        applicant = Applicant(partner_id=partner_id, livemode=True)
        session.add(applicant)
        await session.flush()
        verification = Verification(partner_id=partner_id, livemode=True, applicant_id=applicant.id)
        session.add(verification)
    values: dict[str, object] = {"applicant": applicant.id, "verification": verification.id, "status": status}
    return partner_id, values | {"count": COUNT, "partner": partner_id}


@pytest.fixture(scope="module")
async def crowded(servers, database):
    """A partner with many documents, written below the guards, which would ask for an event each.

    Another one has as many of a status that this one has none of: what is usual says nothing about a partner.
    """
    partner_id, values = await _owner("approved")
    _, others = await _owner("rejected")
    with psycopg.connect(servers.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("select set_config('app.everyone', 'on', false)")
        owner.execute("alter table documents disable trigger user")
        owner.execute(FILL, values)
        owner.execute(FILL, others)
        owner.execute("alter table documents enable trigger user")
        owner.execute(TAG, values)
        owner.execute("analyze documents")
        owner.execute("analyze document_tags")
    return partner_id


def reads(plan):
    """Every step of a plan with the rows that it threw away."""
    yield plan["Node Type"], plan.get("Rows Removed by Filter", 0)
    for inner in plan.get("Plans", []):
        yield from reads(inner)


async def asked(partner_id, filter_):
    """The list's own statement, its answer, and how PostgreSQL ran it."""
    seen = []

    def note(_connection, _cursor, statement, parameters, *_):
        if "FROM documents" in statement:
            seen.append((statement, parameters))

    event.listen(engine(Store.MAIN).sync_engine, "before_cursor_execute", note)
    try:
        async with transaction(Tenancy.of(partner_id)) as session:
            page = await documents.page(session, Actor.system(partner_id), filter_)
    finally:
        event.remove(engine(Store.MAIN).sync_engine, "before_cursor_execute", note)
    assert len(seen) == 1
    statement, parameters = seen[0]
    async with transaction(Tenancy.of(partner_id)) as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql(f"explain (analyze, format json) {statement}", parameters)
        plan = rows.scalar_one()
    return statement, page, (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]


FILTERS = {
    "newest": Filter(livemode=True),
    "by status": Filter(livemode=True, statuses=(DocumentStatus.APPROVED,)),
    "by a status that none has": Filter(livemode=True, statuses=(DocumentStatus.REJECTED,)),
    "by a type that none has": Filter(livemode=True, type="tax_id"),
    "by external id": Filter(livemode=True, external_id="user-77"),
    "by the start of the external id": Filter(livemode=True, q="user-1999"),
    "by a start that none has": Filter(livemode=True, q="nobody"),
    "by a common tag": Filter(livemode=True, tag="common"),
    "by a rare tag": Filter(livemode=True, tag="rare"),
    "by a tag that none has": Filter(livemode=True, tag="nothing"),
    "by a common tag and a status that none has": Filter(
        livemode=True, tag="common", statuses=(DocumentStatus.REJECTED,)
    ),
    "in days to come": Filter(livemode=True, created_after=now().replace(year=9000)),
    "in days long gone": Filter(livemode=True, created_before=now().replace(year=2020)),
}


@pytest.mark.parametrize("filter_", FILTERS.values(), ids=FILTERS.keys())
async def test_every_filter_reads_little_more_than_it_shows(crowded, filter_):
    statement, _, plan = await asked(crowded, filter_)
    steps = list(reads(plan))
    assert "Seq Scan" not in {name for name, _ in steps}, steps
    assert sum(removed for _, removed in steps) <= MOST_READ, steps
    assert "count(" not in statement.lower()
    assert "offset" not in statement.lower()


async def test_deep_page_costs_what_the_first_one_costs(crowded):
    async with transaction(Tenancy.of(crowded)) as session:
        rows = await session.execute(
            documents.select(col(Document.id)).order_by(col(Document.id)).offset(COUNT // 2).limit(1)
        )
        middle = rows.scalar_one()
    _, page, plan = await asked(crowded, Filter(livemode=True, cursor=public_id(Prefix.DOCUMENT, middle)))
    assert len(page.rows) == 25
    assert all(row.id < middle for row in page.rows)
    assert sum(removed for _, removed in reads(plan)) <= MOST_READ


async def test_search_finds_by_the_start_and_takes_every_letter_as_it_is(crowded):
    _, page, _ = await asked(crowded, Filter(livemode=True, q="user-1999"))
    assert {row.external_id for row in page.rows} == {"user-1999", *(f"user-1999{digit}" for digit in range(10))}
    for wildcard in ("user-%", "user_1999", "USER-1999", "user-1999\\"):
        assert (await asked(crowded, Filter(livemode=True, q=wildcard)))[1].rows == []
