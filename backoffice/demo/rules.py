"""The demo's policies: people decided everything at first, then the recommended policy, and a bolder one is tried."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.demo.plan import DAYS
from backoffice.models.members import Member, Role
from backoffice.services import policies
from backoffice.services.access import Actor
from backoffice.services.policy_sources import shipped

CAREFUL_FOR = timedelta(days=18)
"""How long people decided everything, which is what a back-test compares with."""
SHADOW_FOR = timedelta(days=4)
WRITING = timedelta(hours=5)
CONFIRMED = "and the machine readable zone or the barcode confirms the print."
BY_MACHINE = """        - any:
            - {check: mrz, status: passed}
            - {check: barcode, status: passed}
"""


async def publish(session: AsyncSession) -> None:
    """Write the history of the house's policy, each step by another person at its time."""
    writer, publisher = await _one(session, Role.OPERATOR), await _one(session, Role.REVIEW_LEAD)
    start = clock.now() - timedelta(days=DAYS + 1)
    recommended = shipped("recommended")
    careful = shipped("everything_to_people")
    steps = (
        (start, careful, "Begin carefully: people decide everything."),
        (start + CAREFUL_FOR, recommended, "Decide what every check confirms; the back-test agreed with people."),
    )
    for moment, source, note in steps:
        with clock.at(moment - WRITING):
            version = await policies.draft(session, writer, source=source, note=note)
        with clock.at(moment):
            await policies.publish(session, publisher, version.id)
    with clock.at(clock.now() - SHADOW_FOR):
        bolder = recommended.replace(BY_MACHINE, "").replace(f", {CONFIRMED}", ".")
        note = "Approve cards without a machine readable zone, too."
        version = await policies.draft(session, writer, source=bolder, note=note)
        await policies.begin_shadow(session, writer, version.id)


async def _one(session: AsyncSession, role: Role) -> Actor:
    statement = select(Member).where(col(Member.role) == role).order_by(col(Member.id)).limit(1)
    member = (await session.execute(statement)).scalar_one()
    return Actor.of(member)
