"""What a restore drill does inside an installation: people come, leave, and are looked for; answers a line of JSON."""

import asyncio
import json
import sys
from contextlib import suppress
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backoffice.adapters import live
from backoffice.adapters.storage import storage_for
from backoffice.db import transaction
from backoffice.jobs import erasures as jobs
from backoffice.models.applicants import Applicant
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role, Session
from backoffice.models.partners import Plan
from backoffice.services import applicants, erasures, members, partners, sessions, vault
from backoffice.services.access import Actor
from backoffice.services.sessions import Visitor

SYSTEM = Actor.system(name="drill")


async def begin() -> dict[str, object]:
    """A partner with somebody who is signed in, and two applicants; each has an object."""
    async with transaction(SYSTEM.tenancy) as session:
        partner = await partners.create(session, SYSTEM, name="Drill Bank", slug="drill", plan=Plan.STANDARD)
        about = {"email": "nils@drill.example", "name": "Nils Berg", "role": Role.PARTNER_ANALYST}
        member, _ = await members.create(
            session, SYSTEM, **about, partner_id=partner.id, password="nine green kites fly"
        )
        await sessions.begin(session, member, Visitor(), is_complete=True)
    people = [await _applicant(partner.id, name) for name in ("Ada Stays", "Eve Leaves")]
    return {"partner": str(partner.id), "stays": people[0], "leaves": people[1]}


async def _applicant(partner_id: UUID, name: str) -> str:
    actor = Actor.system(partner_id, name="drill")
    given = {"given_names": name.split(maxsplit=1)[0], "surname": name.split()[1]}
    drafted = await applicants.draft(actor, given)
    async with transaction(actor.tenancy) as session:
        row = await applicants.add(session, actor, drafted)
    await storage_for("default").put(f"drill/{row.id.hex}", name.encode())
    return str(row.id)


async def late(partner: str) -> dict[str, object]:
    """Somebody who comes after the backup."""
    return {"late": await _applicant(UUID(partner), "Lea Late")}


async def erase(partner: str, applicant: str) -> dict[str, object]:
    """Erase one of them, as the worker does."""
    actor = Actor.system(UUID(partner), name="drill")
    async with transaction(actor.tenancy) as session:
        row = await erasures.request(session, actor, UUID(applicant))
    with suppress(live.Away):  # there is no Redis here: open pages are left to the sweep, the erasure is done
        await jobs.erase(str(row.id))
    return {}


async def look() -> dict[str, object]:
    """Who is there, who can be read, who is signed in."""
    async with transaction(SYSTEM.tenancy) as session:
        people = (await session.execute(select(Applicant).order_by(col(Applicant.id)))).scalars().all()
        keys = await vault.data_keys(session, {one.id for one in people})
        signed_in = select(func.count()).where(col(Session.revoked_at).is_(None)).select_from(Session)
        audit = select(func.count()).select_from(AuditEntry)
        return {
            "people": {str(one.id): one.personal_box is not None and one.id in keys for one in people},
            "signed_in": (await session.execute(signed_in)).scalar_one(),
            "audit": (await session.execute(audit)).scalar_one(),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(globals()[sys.argv[1]](*sys.argv[2:]))))  # noqa: T201 its answer
