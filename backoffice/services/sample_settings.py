"""How many decisions get a second look: percentages by risk band, which a lead may change."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import Conflict, Invalid
from backoffice.models.samples import Band, SampleSettings
from backoffice.services import audit
from backoffice.services.access import Actor, Permission

MEDIUM_FROM = 0.1
HIGH_FROM = 0.4
"""Risk scores: a check that is unsure makes 0.12, one that failed 0.45 (`screening/risks.py`)."""
SHARES = ("low", "medium", "high", "gold")


async def read(session: AsyncSession, actor: Actor) -> SampleSettings:
    """Read the percentages.

    Raises NotAllowed for who neither leads reviewers nor is the system.
    """
    actor.require(Permission.QUEUE_MANAGE)
    return (await session.execute(select(SampleSettings))).scalar_one()


async def change(session: AsyncSession, actor: Actor, *, shares: dict[str, int], version: int) -> SampleSettings:
    """Change the percentages; what was considered before stays as it was drawn.

    Raises Invalid for anything but a whole percentage of each, Conflict when somebody else was faster.
    """
    actor.require(Permission.QUEUE_MANAGE)
    if set(shares) != set(SHARES) or any(type(one) is not int or not 0 <= one <= 100 for one in shares.values()):  # noqa: PLR2004 percent
        raise Invalid("Each share is a whole number from 0 to 100.", code="out_of_range", pointer="/shares")
    row = (await session.execute(select(SampleSettings).with_for_update())).scalar_one()
    if row.version != version:
        raise Conflict("Somebody changed these settings since you opened them. Look again.", code="stale_version")
    changes: dict[str, object] = {
        name: [getattr(row, name), shares[name]] for name in SHARES if getattr(row, name) != shares[name]
    }
    for name in SHARES:
        setattr(row, name, shares[name])
    row.version += 1
    await session.flush()
    await audit.record(
        session, actor, "sampling.changed", subject_type="sample_settings", subject_id=row.id, changes=changes
    )
    return row


def band_of(risk_score: float | None) -> Band:
    """Say how much is at stake; what was never scored counts as high."""
    if risk_score is None or risk_score >= HIGH_FROM:
        return Band.HIGH
    return Band.MEDIUM if risk_score >= MEDIUM_FROM else Band.LOW
