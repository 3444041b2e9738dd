"""What the address of a list asks for, in its service's words: the list on the screen and its export read the same.

What an address asks for and nobody understands narrows nothing.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.documents import DocumentStatus, DocumentType
from backoffice.services import api_requests, documents

METHODS = ("GET", "POST", "PATCH", "DELETE")
SPANS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7)}
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
STATUS_DIGITS = 3


def of_documents(asked: Mapping[str, str], *, livemode: bool | None) -> documents.Filter:
    """Read the filters of the list of documents."""
    return documents.Filter(
        livemode=livemode,
        statuses=statuses(asked.get("status", "")),
        type=asked["type"] if asked.get("type") in set(DocumentType) else None,
        created_after=_day(asked.get("from", "")),
        completed_after=_day(asked.get("decided", "")),
        q=asked.get("q"),
    )


def of_api_requests(asked: Mapping[str, str], *, livemode: bool, moment: datetime) -> api_requests.Filter:
    """Read the filters of the log of requests; what is said backwards from now is said from this moment."""
    status, span, q = asked.get("status", ""), SPANS.get(asked.get("since", "")), asked.get("q", "")
    is_code = q.replace("_", "").isalpha() and q.islower()
    return api_requests.Filter(
        livemode=livemode,
        method=asked["method"] if asked.get("method") in METHODS else None,
        status=int(status) if status.isdecimal() and len(status) == STATUS_DIGITS else None,
        status_class=int(status[0]) if status in CLASSES else None,
        key_id=key_id(asked.get("key", "")),
        code=q if is_code else None,
        request_id=q if q and not is_code else None,
        created_after=moment - span if span else None,
    )


def statuses(text: str) -> tuple[DocumentStatus, ...]:
    """Read the statuses of a document, parted by commas."""
    known = set(DocumentStatus)
    return tuple(DocumentStatus(part) for part in text.split(",") if part in known)


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        return None


def key_id(text: str) -> UUID | None:
    """Read the id of an API key; nothing for what is none."""
    try:
        return parse_public_id(Prefix.API_KEY, text) if text else None
    except NotFound:
        return None
