"""Exceptions from a plan's limits for one partner: what an operator grants, why, and until when.

What holds is read where it is held: by `recognise` with every request of a key, and by `quotas`. An exception that
has ended counts for nothing; the next change of the partner's exceptions takes it out.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.limit_counts import Granted
from backoffice.models.partners import Partner
from backoffice.models.plans import NAMES, PLANS, LimitException, LimitName, Terms, write_exception
from backoffice.services import audit, partners, plan_changes, quotas
from backoffice.services.access import Actor, Permission

MOST: dict[LimitName, int] = {
    LimitName.DOCUMENTS_PER_MONTH: 100_000_000,
    LimitName.PER_SECOND: 10_000,
    LimitName.BURST: 20_000,
    LimitName.PER_DAY: 500_000_000,
    LimitName.STREAMS: 500,
}
"""More than these no installation of this product serves to one partner."""
MOST_LISTED = 500
LONGEST = timedelta(days=3_653)


async def grant(  # noqa: PLR0913 what an exception is
    session: AsyncSession,
    actor: Actor,
    partner_id: UUID,
    name: LimitName,
    *,
    value: int,
    reason: str,
    until: datetime | None = None,
) -> Partner:
    """Let another limit hold for a partner in place of its plan's, or of another exception, from the next request.

    Raises NotFound, Invalid, and Conflict when just this holds already.
    """
    actor.require(Permission.PARTNERS_WRITE)
    actor.require_fresh()
    moment = present()
    partner = await plan_changes.locked(session, partner_id)
    one = LimitException(_checked_value(name, value), partners.checked_reason(reason), actor.name, moment, until)
    if until is not None and not moment < until <= moment + LONGEST:
        message = "An exception ends in the future and within ten years, or stays without an end."
        raise Invalid(message, code="invalid_date", pointer="/until")
    held = partners.terms_of(partner)
    _fits(held, name, one)
    before = held.exceptions.get(name)
    if before and (before.value, before.reason, before.until) == (one.value, one.reason, one.until):
        raise Conflict("Just this exception holds already.", code="nothing_changed")
    await _write(session, partner, {**held.exceptions, name: one})
    told: dict[str, object] = {"reason": one.reason, "until": until.isoformat() if until else None}
    after = partners.terms_of(partner).limits.of(name)
    await _tell(session, actor, partner, "partner.limit_granted", {**_change(held, name, after), **told})
    return partner


async def end(session: AsyncSession, actor: Actor, partner_id: UUID, name: LimitName) -> Partner:
    """Let the plan's own limit hold again.

    Raises NotFound, Conflict when there is no such exception.
    """
    actor.require(Permission.PARTNERS_WRITE)
    actor.require_fresh()
    partner = await plan_changes.locked(session, partner_id)
    held = partners.terms_of(partner)
    before = held.exceptions.get(name)
    if before is None:
        raise Conflict("The plan's own limit holds already.", code="nothing_changed")
    await _write(session, partner, {key: one for key, one in held.exceptions.items() if key != name})
    await _tell(session, actor, partner, "partner.limit_ended", _change(held, name, PLANS[held.plan].of(name)))
    return partner


async def granted(session: AsyncSession, actor: Actor) -> list[Granted]:
    """List the exceptions that hold, by partner; the first five hundred partners that have any."""
    actor.require(Permission.PARTNERS_READ)
    statement = select(Partner).where(text("partners.exceptions <> '{}'")).order_by(func.lower(col(Partner.name)))
    rows = (await session.execute(statement.order_by(col(Partner.id)).limit(MOST_LISTED))).scalars()
    return [
        Granted(row.id, row.name, held.plan, name, PLANS[held.plan].of(name), held.exceptions[name])
        for row in rows
        for held in (partners.terms_of(row),)
        for name in LimitName
        if name in held.exceptions
    ]


async def _write(session: AsyncSession, partner: Partner, exceptions: Mapping[LimitName, LimitException]) -> None:
    newer = {name: one for name, one in partner.exceptions.items() if name not in NAMES}
    partner.exceptions = newer | {str(name): write_exception(one) for name, one in exceptions.items()}
    await session.flush()
    await quotas.measure_again(session, partner.id, partners.terms_of(partner))


def _change(held: Terms, name: LimitName, after: int) -> dict[str, object]:
    return {str(name): [held.limits.of(name), after]}


async def _tell(session: AsyncSession, actor: Actor, partner: Partner, action: str, changes: dict[str, object]) -> None:
    await audit.record(
        session, actor, action, subject_type="partner", subject_id=partner.id, partner_id=partner.id, changes=changes
    )
    live.announce(session, *partners.topics(partner.id), f"partner:{partner.id}")


def end_of(day: date) -> datetime:
    """Say when an exception ends whose last day is `day`, in UTC.

    Raises Invalid for a day that no calendar goes beyond.
    """
    if day >= date.max:
        raise Invalid(
            "An exception ends within ten years, or stays without an end.", code="invalid_date", pointer="/until"
        )
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _fits(held: Terms, name: LimitName, one: LimitException) -> None:
    """Refuse what would not hold: at once come at least as many as in a second.

    Raises Invalid.
    """
    limits = Terms(held.plan, {**held.exceptions, name: one}).limits
    if name == LimitName.BURST and limits.burst < limits.per_second:
        message = f"{limits.per_second:,} may come in a second, so at least as many at once. Lower that limit first."
        raise Invalid(message, code="out_of_range", pointer="/value")


def _checked_value(name: LimitName, value: int) -> int:
    if not 1 <= value <= MOST[name]:
        raise Invalid(f"From 1 to {MOST[name]:,}.", code="out_of_range", pointer="/value")
    return value
