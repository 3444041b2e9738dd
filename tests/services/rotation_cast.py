"""What tests of keys that change share."""

from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from backoffice.models.base import new_id
from backoffice.services import api_keys
from backoffice.services.access import Actor
from backoffice.services.permissions import SCOPES

EVERYONE = Tenancy.everyone()


def member(role, partner_id=None):
    return Actor.member(id=new_id(), name="Somebody", role=role, partner_id=partner_id)


async def make(world, **options):
    actor = Actor.system(world.partner_id)
    async with transaction(actor.tenancy) as session:
        return await api_keys.create(session, actor, **{"name": "Server", "livemode": True, "scopes": SCOPES} | options)


async def use(token, ip="203.0.113.9"):
    async with transaction(EVERYONE) as session:
        return await api_keys.authenticate(session, token, ip, "req_test")


async def told(key, table):
    column = {"events": "type", "audit_entries": "action"}[table]
    async with transaction(EVERYONE) as session:
        rows = await session.execute(
            text(f"select {column} from {table} where subject_id = :k order by id"), {"k": key.id}
        )
        return list(rows.scalars())
