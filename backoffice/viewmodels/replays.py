"""A request that is asked again in the sandbox: what can be sent, what cannot, and what came back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from backoffice.i18n import gettext, number, reworded
from backoffice.models.base import Prefix, public_id
from backoffice.models.usage import ApiRequest
from backoffice.viewmodels.api_requests import FAILED, PLACE, TONES

MOST_SHOWN = 20_000
KILO = 1_024


@dataclass(frozen=True)
class ReplayView:
    """What is asked again; without an id nothing is."""

    id: str = ""
    method: str = ""
    path: str = ""
    route: str = ""
    kind: str = ""
    """whole, picture or not."""
    why: str = ""
    notes: list[str] = field(default_factory=list)
    """What was not kept, and what stands in its place."""
    takes_query: bool = False


@dataclass(frozen=True)
class AnswerView:
    """What came back; without a status nothing has."""

    status: str = ""
    tone: str = ""
    icon: str = ""
    latency: str = ""
    kind: str = ""
    request_id: str = ""
    request_href: str = ""
    document_href: str = ""
    body: str = ""


def replay_view(row: ApiRequest, *, kind: str, why: str, needs_test_ids: bool) -> ReplayView:
    """Show what can be asked again."""
    is_read = row.method in {"GET", "HEAD"}
    notes: list[str] = []
    if not why:
        notes = _notes(is_read=is_read, is_picture=kind == "picture", needs_test_ids=needs_test_ids)
    return ReplayView(
        id=public_id(Prefix.API_REQUEST, row.id),
        method=row.method,
        path=row.path,
        route=row.route,
        kind=kind,
        why=reworded(why),
        notes=notes,
        takes_query=is_read,
    )


def _notes(*, is_read: bool, is_picture: bool, needs_test_ids: bool) -> list[str]:
    notes = [gettext("Headers are not kept. It is asked with a lent test key that has the same rights and soon ends.")]
    if is_read:
        notes.append(gettext("Its query was not kept. Write it again if it matters."))
    if is_picture:
        notes.append(
            gettext("Its files and fields were never kept. One of our pictures and its applicant take their place.")
        )
    if needs_test_ids:
        notes.append(gettext("Its ids are live, and a test key answers 404 for them. Put test ids in their place."))
    return notes


def answer_view(status: int, headers: Mapping[str, str], body: bytes, size: int, seconds: float) -> AnswerView:
    """Show an answer: JSON laid out, anything else by its size."""
    tone, icon = TONES.get(status // 100, FAILED)
    kind, request_id = headers.get("content-type", ""), headers.get("x-request-id", "")
    location = headers.get("location", "")
    is_document = location.startswith("/api/v1/documents/")
    return AnswerView(
        status=str(status),
        tone=tone,
        icon=icon,
        latency=f"{seconds * 1000:.0f} ms",
        kind=kind.partition(";")[0],
        request_id=request_id,
        request_href=f"{PLACE}?mode=test&q={request_id}" if request_id else "",
        document_href=f"/partner/documents/{location.rpartition('/')[2]}" if is_document else "",
        body=_body(kind, body, size),
    )


def _body(kind: str, body: bytes, size: int) -> str:
    if not size:
        return ""
    if "json" not in kind or len(body) < size:
        said = kind or gettext("an unknown kind")
        return gettext("{size} KB of {kind}; not shown here.", size=f"{size / KILO:.0f}", kind=said)
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        text = body.decode("utf-8", "replace")
    if len(text) <= MOST_SHOWN:
        return text
    more = gettext("… {count} more letters", count=number(len(text) - MOST_SHOWN))
    return f"{text[:MOST_SHOWN]}\n{more}"
