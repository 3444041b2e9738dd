"""What the address of a list asks for, in its service's words: the list on the screen and its export read the same.

What an address asks for and nobody understands narrows nothing.
"""

from collections.abc import Mapping
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.bulk_actions import MOST_DOCUMENTS
from backoffice.models.documents import DocumentStatus, DocumentType
from backoffice.services import api_requests, audit_entries, document_tags, documents, event_lists, event_types
from backoffice.services.access import ActorType
from backoffice.services.events import SUBJECT_PREFIX

METHODS = ("GET", "POST", "PATCH", "DELETE")
SPANS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7)}
AUDIT_SPANS = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
EVENT_SPANS = SPANS | {"30d": timedelta(days=30)}
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
STATUS_DIGITS = 3


def of_documents(asked: Mapping[str, str], *, livemode: bool | None) -> documents.Filter:
    """Read the filters of the list of documents."""
    return documents.Filter(
        livemode=livemode,
        statuses=statuses(asked.get("status", "")),
        type=asked["type"] if asked.get("type") in set(DocumentType) else None,
        applicant_id=_applicant(asked.get("applicant", "")),
        created_after=day(asked.get("from", "")),
        completed_after=day(asked.get("decided", "")),
        tag=_tag(asked.get("tag", "")),
        ids=_ids(asked.get("ids", "")),
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


def of_events(asked: Mapping[str, str], *, livemode: bool) -> event_lists.Filter:
    """Read the filters of the stream of events: a type may be a name, a wildcard such as `document.*`, or a part of it.

    A type that there is not leaves nothing, as a search that finds nothing does.
    """
    kind, about = asked.get("type", ""), asked.get("subject", "")
    subject = _any_id(about, SUBJECT_PREFIX) if about else None
    return event_lists.Filter(
        livemode=livemode,
        types=event_kinds(kind) or frozenset({kind}) if kind else frozenset(),
        subject_id=subject or (UUID(int=0) if about else None),
        within=EVENT_SPANS.get(asked.get("since", "")),
    )


def event_kinds(text: str) -> frozenset[str]:
    """Read a type, a wildcard, or a part of names; nothing for what is in no name."""
    known, _ = event_types.expand([text])
    return frozenset(known) or frozenset(name for name in event_types.NAMES if text.lower() in name)


def of_audit(asked: Mapping[str, str], *, moment: datetime) -> audit_entries.Filter:
    """Read the filters of the audit trail; a day that is named goes before what is said backwards from now."""
    who, what, q = asked.get("who", ""), asked.get("what", ""), asked.get("q", "")
    span, first, last = AUDIT_SPANS.get(asked.get("since", "")), day(asked.get("from", "")), day(asked.get("to", ""))
    thing, address = _any_id(q, audit_entries.SUBJECTS), _address(q)
    return audit_entries.Filter(
        actor_id=_any_id(who, audit_entries.ACTORS),
        partner_id=_any_id(asked.get("partner", ""), {"partner": Prefix.PARTNER}),
        ip=address,
        actor_type=who if who in {*ActorType, audit_entries.STAFF} else None,
        family=what if what and "." not in what else None,
        action=what if "." in what else None,
        subject_id=thing,
        request_id=q if q and thing is None and address is None else None,
        result=asked.get("result") or None,
        created_after=first or (moment - span if span else None),
        created_before=last + timedelta(days=1) if last else None,
    )


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text)) if text else None
    except ValueError:
        return None


def _any_id(text: str, kinds: Mapping[str, Prefix]) -> UUID | None:
    prefix = next((prefix for prefix in kinds.values() if text.startswith(f"{prefix}_")), None)
    try:
        return parse_public_id(prefix, text) if prefix else None
    except NotFound:
        return None


def statuses(text: str) -> tuple[DocumentStatus, ...]:
    """Read the statuses of a document, parted by commas."""
    known = set(DocumentStatus)
    return tuple(DocumentStatus(part) for part in text.split(",") if part in known)


def _tag(text: str) -> str | None:
    """Read a tag as a person writes it; what can be none is on no document."""
    tag = document_tags.tidy(text)
    if not tag:
        return None
    return tag if document_tags.is_tag(tag) else document_tags.NOBODYS


def _applicant(text: str) -> UUID | None:
    """Read an applicant's id; a text that names none is nobody's."""
    return (_any_id(text, {"applicant": Prefix.APPLICANT}) or UUID(int=0)) if text else None


def _ids(text: str) -> tuple[UUID, ...]:
    """Read the documents that were selected one by one, parted by commas; of what names none, nothing is selected."""
    keys = [_any_id(part, {"document": Prefix.DOCUMENT}) or UUID(int=0) for part in text.split(",") if part]
    return tuple(keys[:MOST_DOCUMENTS])


def day(text: str) -> datetime | None:
    """Read the beginning of a day; nothing for what is none."""
    try:
        asked = date.fromisoformat(text)
        return datetime.combine(asked, datetime.min.time(), UTC) if asked.year < MAXYEAR else None
    except ValueError:
        return None


def key_id(text: str) -> UUID | None:
    """Read the id of an API key; nothing for what is none."""
    try:
        return parse_public_id(Prefix.API_KEY, text) if text else None
    except NotFound:
        return None
