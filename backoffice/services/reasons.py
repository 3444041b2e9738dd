"""The catalogue of reasons: which may be given, and which fit what screening found."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Invalid
from backoffice.models.reasons import Reason
from backoffice.services.access import Actor, Permission

BY_SYSTEM_ONLY = frozenset({"resubmission_limit_exceeded", "abandoned", "check_unavailable"})
"""Given by rules and the clock; a reviewer does not choose them."""
COMMON = ("image_blurred", "document_expired", "name_mismatch", "data_not_readable", "tampering_suspected")
"""What fills the first places when screening found little."""


async def catalogue(session: AsyncSession, actor: Actor) -> list[Reason]:
    """Read every reason that a reviewer may give, in the catalogue's order."""
    actor.require(Permission.DOCUMENTS_DECIDE)
    statement = select(Reason).where(col(Reason.code).not_in(BY_SYSTEM_ONLY)).order_by(col(Reason.position))
    return list((await session.execute(statement)).scalars())


async def labels(session: AsyncSession) -> dict[str, str]:
    """Read what people call each code."""
    return {row.code: row.label for row in await session.execute(select(col(Reason.code), col(Reason.label)))}


async def by_code(session: AsyncSession, codes: Collection[str]) -> dict[str, Reason]:
    """Read the given reasons by their codes, for what partners are told."""
    if not codes:
        return {}
    rows = await session.execute(select(Reason).where(col(Reason.code).in_(codes)))
    return {row.code: row for row in rows.scalars()}


async def checked(session: AsyncSession, codes: Sequence[str], note: str | None) -> list[str]:
    """Answer the codes once each, in the given order.

    Raises Invalid for none at all, for a code that is not in the catalogue, and for a missing note where one is due.
    """
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise Invalid("Choose at least one reason.", code="reason_missing", pointer="/reasons")
    statement = select(Reason).where(col(Reason.code).in_(wanted), col(Reason.code).not_in(BY_SYSTEM_ONLY))
    known = {row.code: row for row in (await session.execute(statement)).scalars()}
    strangers = [code for code in wanted if code not in known]
    if strangers:
        raise Invalid(
            f"{strangers[0]!r} is not a reason that can be given, or has been removed. Choose another.",
            code="reason_unknown",
            pointer="/reasons",
        )
    if any(row.needs_note for row in known.values()) and not (note or "").strip():
        raise Invalid("This reason needs a note that explains it.", code="note_missing", pointer="/note")
    return wanted


def best_first(rows: Sequence[Reason], found: Iterable[str]) -> list[Reason]:
    """Put what screening found first and the common ones next, so that one digit is enough."""
    ranked = {code: rank for rank, code in enumerate(dict.fromkeys((*found, *COMMON)))}
    return sorted(rows, key=lambda row: (ranked.get(row.code, len(ranked)), row.position))
