"""One search over everything: nothing of others, nothing beyond a role, and what is there is found."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from backoffice.db import Tenancy, transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.members import Role
from backoffice.models.reviewers import ReviewBar
from backoffice.models.usage import ApiRequest
from backoffice.services import api_keys, documents, searches, webhook_endpoints
from tests.services.review_cast import in_review, make_cast, member

pytestmark = pytest.mark.usefixtures("database")
KINDS = (
    "tasks", "documents", "applicants", "api_keys", "webhook_endpoints", "api_requests", "members", "partners",
    "policies",
)  # fmt: skip


async def find(actor, q, **how):
    async with transaction(actor.tenancy) as session:
        return await searches.everything(session, actor, q, **how)


async def kinds(actor, q, **how):
    found = await find(actor, q, **how)
    return {kind for kind in KINDS if getattr(found, kind).rows}


async def test_a_reviewers_search_reaches_an_index_of_every_partners_own_ids(database):
    statement = select(col(Document.id)).where(documents.matches("user-47"))
    plain = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text("set local enable_seqscan = off"))
        plan = "\n".join((await session.execute(text(f"explain {plain}"))).scalars())
    assert "ix_documents_own_id" in plan
    assert "Filter" not in plan.split("ix_documents_own_id")[0]


@pytest.fixture
async def acme(database):
    return await make_cast()


@pytest.fixture
def word():
    """A word that no other test uses."""
    return f"w{uuid4().hex[:12]}"


async def with_everything(cast, word):
    """Give a partner a document, a key, an endpoint and a request that all carry one word."""
    admin = await member(cast, Role.PARTNER_ADMIN)
    task = await in_review(cast, external_id=f"{word}-8841")
    async with transaction(admin.tenancy) as session:
        key, _ = await api_keys.create(session, admin, name=f"Server {word}", livemode=True, scopes=["documents:read"])
    url = f"https://hooks.example.com/{word}"
    async with transaction(admin.tenancy) as session:
        await webhook_endpoints.create(session, admin, livemode=True, url=url, description="CRM")
    line = ApiRequest(
        partner_id=cast.partner.id, livemode=True, key_id=key.id, method="GET", route="/documents",
        path="/api/v1/documents", status=200, duration_ms=3, request_id=word,
    )  # fmt: skip
    async with transaction(Tenancy.everyone()) as session:
        session.add(line)
    return admin, task


async def test_strangers_find_nothing(acme, word):
    admin, task = await with_everything(acme, word)
    rival = await make_cast()
    async with transaction(admin.tenancy) as session:
        document = await documents.get(session, admin, task.document_id)
    ids = [
        public_id(Prefix.DOCUMENT, document.id), public_id(Prefix.APPLICANT, document.applicant_id),
        public_id(Prefix.MEMBER, admin.id), public_id(Prefix.REVIEW_TASK, task.id),
    ]  # fmt: skip
    for role in (Role.PARTNER_ADMIN, Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST):
        stranger = await member(rival, role)
        for q in (word, f"{word}-8841", "Okonkwo", "P1234567", *ids):
            assert await kinds(stranger, q) == set(), (role, q)
    assert await kinds(admin, word) == {"documents", "api_keys", "webhook_endpoints", "api_requests"}
    assert await kinds(admin, ids[0]) == {"documents"}
    assert await kinds(admin, ids[1]) == {"applicants"}


async def test_each_role_finds_what_its_lists_show(acme, word):
    await with_everything(acme, word)
    by_role = {role: await member(acme, role) for role in (Role.PARTNER_DEVELOPER, Role.PARTNER_ANALYST)}
    assert await kinds(by_role[Role.PARTNER_DEVELOPER], word) == {
        "documents", "api_keys", "webhook_endpoints", "api_requests",
    }  # fmt: skip
    assert await kinds(by_role[Role.PARTNER_ANALYST], word) == {"documents"}
    for actor in by_role.values():
        assert await kinds(actor, "Okonkwo") == set(), "names are personal"
        assert await kinds(actor, actor.name) == set(), "people are the administrators' to see"


async def test_names_and_numbers_find_documents_and_their_applicants(acme):
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    for q in ("amara okonkwo", "P1234567"):
        found = await find(admin, q)
        assert [row.id for row in found.documents.rows] == [task.document_id]
        assert len(found.applicants.rows) == 1
        assert await kinds(admin, q, livemode=False) == set()


async def test_an_id_is_found_in_both_modes(acme):
    admin, task = await member(acme, Role.PARTNER_ADMIN), await in_review(acme)
    found = await find(admin, public_id(Prefix.DOCUMENT, task.document_id), livemode=False)
    assert [row.id for row in found.documents.rows] == [task.document_id]


async def test_members_are_found_by_name_and_address(acme):
    admin = await member(acme, Role.PARTNER_ADMIN)
    found = await find(admin, public_id(Prefix.MEMBER, admin.id))
    assert [row.id for row in found.members.rows] == [admin.id]
    assert admin.id in [row.id for row in (await find(admin, found.members.rows[0].email)).members.rows]
    assert "members" not in await kinds(await member(acme, Role.PARTNER_DEVELOPER), found.members.rows[0].email)


async def test_more_than_the_limit_is_told_and_counted(acme, word):
    admin = await member(acme, Role.PARTNER_ADMIN)
    for number in range(3):
        await in_review(acme, external_id=f"{word}-{number}")
    few = (await find(admin, word, limit=2)).documents
    assert (len(few.rows), few.has_more, few.count) == (2, True, None)
    counted = (await find(admin, word, limit=2, is_counted=True)).documents
    assert (len(counted.rows), counted.count) == (2, 3)
    assert counted.rows[0].external_id == f"{word}-2", "the newest first"


async def test_reviewers_find_tasks_as_the_queue_does_and_decided_documents(acme, word):
    reviewer, task = await member(acme, Role.REVIEWER), await in_review(acme, external_id=f"{word}-1")
    for q in (word, public_id(Prefix.DOCUMENT, task.document_id), public_id(Prefix.REVIEW_TASK, task.id)):
        found = await find(reviewer, q)
        assert [one.task.id for one in found.tasks.rows] == [task.id], q
        assert found.documents.rows == [], "a task that waits is shown once"
    assert await kinds(reviewer, "Okonkwo") == set()


async def test_a_reviewer_finds_nothing_of_partners_they_are_barred_from(acme, word):
    await in_review(acme, external_id=f"{word}-1")
    reviewer = await member(acme, Role.REVIEWER)
    async with transaction(Tenancy.everyone()) as session:
        session.add(ReviewBar(member_id=reviewer.id, partner_id=acme.partner.id, reason="Family"))
    assert await kinds(reviewer, word) == set()


async def test_whoever_runs_the_house_finds_partners_and_policies_and_no_documents(acme, word):
    await with_everything(acme, word)
    operator = await member(acme, Role.OPERATOR)
    assert await kinds(operator, word) == set()
    found = await find(operator, acme.partner.slug)
    assert [row.id for row in found.partners.rows] == [acme.partner.id]


@pytest.mark.parametrize("q", ["", " ", "x", "x" * 201, "\x00\x00", "kyc_live_abcdefghijk", "whsec_abcdef"])
async def test_what_cannot_be_looked_for_finds_nothing(acme, q):
    assert await kinds(await member(acme, Role.PARTNER_ADMIN), q) == set()


@pytest.mark.parametrize("q", ["%%", "__", "\\\\", "100%_\\", "' or 1=1 --", "q\x00zq", "\u202e\u202e xx", "doc_%"])
async def test_signs_of_patterns_are_letters(acme, q):
    await with_everything(acme, "plain")
    assert await kinds(await member(acme, Role.PARTNER_ADMIN), q) == set()
