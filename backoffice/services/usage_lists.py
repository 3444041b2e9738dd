"""What the address of the list of usage records asks for; the list on the screen and its export read the same."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import DocumentType
from backoffice.models.invoices import Month
from backoffice.models.usage_records import UsageKind
from backoffice.services import invoices, list_filters
from backoffice.services.access import Actor
from backoffice.services.usage_records import Filter


async def asked_for(session: AsyncSession, actor: Actor, asked: Mapping[str, str]) -> Filter:
    """Read the filters; one that nobody understands narrows nothing.

    Raises NotFound for an invoice or a line that is not there, NotAllowed for who may not see invoices.
    """
    first, last = _span(asked)
    line = None
    if asked.get("invoice"):
        bill = await invoices.get(session, actor, parse_public_id(Prefix.INVOICE, asked["invoice"]))
        line = bill.line(int(asked.get("line", "")) if asked.get("line", "").isdecimal() else 0)
    return Filter(
        kind=UsageKind(asked["kind"]) if asked.get("kind") in set(UsageKind) else None,
        document_type=asked["type"] if asked.get("type") in set(DocumentType) else None,
        key_id=list_filters.key_id(asked.get("key", "")),
        line=line,
        created_after=first,
        created_before=last,
    )


def month_of(text: str) -> Month | None:
    """Read a month as addresses write it, `2026-11`."""
    try:
        return Month(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return None


def _span(asked: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """Read a day, or else a month, in UTC."""
    try:
        day = datetime.combine(date.fromisoformat(asked.get("day", "")), datetime.min.time(), UTC)
    except ValueError:
        month = month_of(asked.get("month", ""))
        return (month.starts, month.ends) if month else (None, None)
    return day, day + timedelta(days=1)
