"""Documents that ended some time ago, and people who keep or hold them."""

from datetime import timedelta

from backoffice import clock
from backoffice.db import Tenancy, transaction
from backoffice.jobs import retention as jobs
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import DocumentStatus
from backoffice.models.members import Role
from backoffice.models.retention_rules import Draft
from backoffice.services import documents, legal_holds, purges, redactions, retention_rules
from tests.api.world import rows
from tests.services.review_cast import SYSTEM, make_cast, member, submitted

EVERYONE = Tenancy.everyone()
FIVE_YEARS = timedelta(days=1827)
APPROVED = ("processing", "in_review", "approved")


async def move(document_id, *statuses):
    async with transaction(EVERYONE) as session:
        document = await documents.get(session, SYSTEM, document_id, lock=True)
        for status in statuses:
            await documents.change_status(session, SYSTEM, document, DocumentStatus(status))
    return document


async def ended(cast, *statuses, age=timedelta(), **fields):
    """One document that came to its end so long ago."""
    with clock.at(clock.wall() - age):
        document_id = await submitted(cast, **fields)
        await move(document_id, *(statuses or APPROVED))
    return document_id


async def operator(cast=None):
    return await member(cast or await make_cast(), Role.OPERATOR)


async def set_rule(actor, *, before=None, **fields):
    fields = {"days": 30, "basis": "Contract §4"} | fields
    async with transaction(actor.tenancy) as session:
        return await retention_rules.set_rule(session, actor, Draft(**fields), before=before)


async def place(actor, subject, **fields):
    fields = {"owner": "Financial crime", "reason": "Case 7", "basis": "Order 12 O 7/26"} | fields
    async with transaction(actor.tenancy) as session:
        return await legal_holds.place(session, actor, legal_holds.Draft(subject=subject, **fields))


async def release(actor, hold):
    async with transaction(actor.tenancy) as session:
        return await legal_holds.release(session, actor, hold.id, why="The case is closed")


def doc(document_id):
    return public_id(Prefix.DOCUMENT, document_id)


async def stored(document_id):
    """What the database says of a document."""
    return (await rows("select * from documents where id = :d", d=document_id))[0]


async def is_due(document_id):
    """Whether a run would take this document; others may be due as well."""
    async with transaction(EVERYONE) as session:
        return document_id in {one.document_id for one in await purges.due(session, SYSTEM, limit=10_000)}


async def purged(document_id):
    """Let one run take one document, if it would; answers the run."""
    async with transaction(EVERYONE) as session:
        batch = [one for one in await purges.due(session, SYSTEM, limit=10_000) if one.document_id == document_id]
        run_id = await purges.start(session, SYSTEM)
    for one in batch:
        await jobs._delete(one, run_id)
    async with transaction(EVERYONE) as session:
        return await purges.finish(session, SYSTEM, run_id)


async def object_keys(document_id):
    async with transaction(EVERYONE) as session:
        return [one.key for one in await redactions.objects(session, [document_id])]


async def audited(subject_id, action):
    found = await rows(
        "select changes from audit_entries where subject_id = :s and action = :a order by sequence", s=subject_id,
        a=action,
    )  # fmt: skip
    return [row.changes for row in found]
