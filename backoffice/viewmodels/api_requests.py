"""API requests as their partner's developers see them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from backoffice.i18n import gettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.usage import ApiRequest
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import fixed

PLACE = "/partner/developers/requests"
TONES = {1: ("blue", "info"), 2: ("green", "circle-check"), 3: ("blue", "arrow-right"), 4: ("amber", "triangle-alert")}
FAILED = ("red", "circle-x")
KILO = 1024
COMMON = "/api/v1"
LONG_ID = re.compile(r"\b([a-z]{3}_)[0-9a-z]{20}([0-9a-z]{6})\b", re.ASCII)


@dataclass(frozen=True)
class RequestRow:
    """One line of the list."""

    id: str
    method: str
    path: str
    """In short: without what all have in common, and ids by their ends."""
    whole_path: str
    status: str
    tone: str
    icon: str
    code: str
    """The code of a refusal, else empty."""
    latency: str
    key: str
    """The key's name."""
    request_id: str
    at: str


@dataclass(frozen=True)
class WrongPlace:
    """One wrong place of a refused request."""

    pointer: str
    code: str


@dataclass(frozen=True)
class RequestView:
    """One request in full; without an id none is open."""

    id: str = ""
    title: str = ""
    path: str = ""
    route: str = ""
    status: str = ""
    tone: str = ""
    icon: str = ""
    code: str = ""
    help_url: str = ""
    errors: list[WrongPlace] = field(default_factory=list)
    latency: str = ""
    key: str = ""
    ip: str = ""
    size: str = ""
    replay: str = ""
    request_id: str = ""
    at: str = ""


def request_row(row: ApiRequest, keys: Mapping[UUID, str]) -> RequestRow:
    """Show one line."""
    tone, icon = TONES.get(row.status // 100, FAILED)
    return RequestRow(
        id=public_id(Prefix.API_REQUEST, row.id),
        method=row.method,
        path=LONG_ID.sub(r"\1…\2", row.path.removeprefix(COMMON)),
        whole_path=row.path,
        status=str(row.status),
        tone=tone,
        icon=icon,
        code=row.code,
        latency=_latency(row),
        key=_key(row, keys),
        request_id=row.request_id,
        at=iso(row.created_at),
    )


def request_view(row: ApiRequest, keys: Mapping[UUID, str]) -> RequestView:
    """Show one request in full."""
    tone, icon = TONES.get(row.status // 100, FAILED)
    found: list[dict[str, Any]] = row.detail.get("errors", [])  # pyright: ignore[reportAssignmentType] our own shape
    return RequestView(
        id=public_id(Prefix.API_REQUEST, row.id),
        title=f"{row.method} {row.route}",
        path=row.path,
        route=row.route,
        status=str(row.status),
        tone=tone,
        icon=icon,
        code=row.code,
        help_url=f"/api/v1/docs#error-{row.code}" if row.code else "",
        errors=[WrongPlace(one["pointer"] or "/", one["code"]) for one in found],
        latency=_latency(row),
        key=_key(row, keys),
        ip=row.ip or "-",
        size=_size(row.request_bytes),
        replay=gettext("An earlier answer, given again") if row.is_replay else "",
        request_id=row.request_id,
        at=iso(row.created_at),
    )


def _latency(row: ApiRequest) -> str:
    milliseconds = row.duration_ms
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{fixed(milliseconds / 1000, 1)} s"  # noqa: PLR2004


def _key(row: ApiRequest, keys: Mapping[UUID, str]) -> str:
    return keys.get(row.key_id) or public_id(Prefix.API_KEY, row.key_id)


def _size(count: int) -> str:
    if not count:
        return gettext("no body")
    if count < KILO:
        return gettext("{size} B", size=count)
    if count < KILO**2:
        return gettext("{size} KB", size=f"{count / KILO:.0f}")
    return gettext("{size} MB", size=fixed(count / KILO**2, 1))
