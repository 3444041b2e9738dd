"""Quality of checks: how often people gave the reason that a version of a check had raised, week by week."""

from datetime import date

from sqlalchemy import ARRAY, Date, Select, Text, cast, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from backoffice.clock import now
from backoffice.models.documents import Check, Document
from backoffice.models.quality_counts import CheckRate, Rate
from backoffice.models.review_tasks import DeciderType, Decision
from backoffice.screening.types import CHECK_NAMES
from backoffice.services import agreement, quality
from backoffice.services.access import Actor, Permission

RAISED = ("failed", "warning")


async def checks(session: AsyncSession, actor: Actor, *, days: int) -> list[CheckRate]:
    """Compare what checks raised on live documents with the reasons of the people who decided them.

    Raises NotAllowed for who does not lead, Invalid for a span out of range.
    """
    actor.require(Permission.QUEUE_MANAGE)
    found: dict[tuple[str, str], dict[date, tuple[int, int]]] = {}
    for name, model, week, confirmed, count in await session.execute(_raised(days)):
        found.setdefault((name, model), {})[week] = (confirmed, count)
    places = {name: place for place, name in enumerate(CHECK_NAMES)}
    rows: list[CheckRate] = []
    for (name, model), by_week in found.items():
        part, whole = (sum(one[side] for one in by_week.values()) for side in (0, 1))
        rate = Rate(part, whole, agreement.share(part, whole))
        rows.append(CheckRate(name, model, rate, tuple(quality.rolling(by_week))))
    return sorted(rows, key=lambda row: (places.get(row.name, len(places)), row.model))


def _raised(days: int) -> Select[str, str, date, int, int]:
    """Count what the newest run of checks raised with a reason, by the week of the document's first decision."""
    newest = aliased(Check)
    last_run = (
        select(func.max(col(newest.run))).where(col(newest.document_id) == col(Check.document_id)).scalar_subquery()
    )
    week = cast(func.date_trunc("week", col(Decision.created_at)), Date)
    given = cast(col(Decision.reasons), ARRAY(Text))
    confirmed = func.count().filter(type_coerce(col(Check.reasons), JSONB).has_any(given))
    return (
        select(col(Check.name), col(Check.model), week, confirmed, func.count())
        .join(Document, col(Document.id) == col(Check.document_id))
        .join(Decision, col(Decision.document_id) == col(Document.id))
        .where(col(Decision.decided_by_type) == DeciderType.REVIEWER, col(Decision.supersedes_id).is_(None))
        .where(col(Decision.created_at).between(quality.since(days), now()), col(Document.livemode))
        .where(col(Check.status).in_(RAISED), col(Check.reasons) != type_coerce([], JSONB), col(Check.run) == last_run)
        .group_by(col(Check.name), col(Check.model), week)
    )
