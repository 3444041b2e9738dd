"""What tests of blind second looks share."""

from sqlalchemy import select

from backoffice.db import transaction
from backoffice.models.samples import Sample
from tests.services.policy_cast import EVERYONE


async def samples_of(*decisions) -> list[Sample]:
    async with transaction(EVERYONE) as session:
        ids = [decision.id for decision in decisions]
        return list((await session.execute(select(Sample).where(Sample.decision_id.in_(ids)))).scalars())


async def call(function, actor, *arguments, **named):
    async with transaction(EVERYONE) as session:
        return await function(session, actor, *arguments, **named)
