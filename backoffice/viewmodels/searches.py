"""What a search shows: a few lines of each kind, in words that name nobody whom the lists do not name."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from backoffice.i18n import N_, gettext, ngettext
from backoffice.models.api_keys import ApiKey
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.searches import SECRET, Finds, Found, Ruling, Waiting
from backoffice.models.usage import ApiRequest
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.viewmodels.api_keys import key_row
from backoffice.viewmodels.api_requests import PLACE as REQUESTS
from backoffice.viewmodels.api_requests import request_row
from backoffice.viewmodels.fleet import PLACE as PARTNERS
from backoffice.viewmodels.policies import PLACE as POLICIES
from backoffice.viewmodels.webhook_endpoints import endpoint_view
from backoffice.viewmodels.words import document_kind, plain

DOCUMENTS = "/partner/documents"
STORIES = "/review/documents"
QUEUE = "/review/queue"
KEYS = "/partner/developers/keys"
HOOKS = "/partner/developers/webhooks"
TEAM = "/partner/team"
ALL = "/search"
ID = re.compile(r"[a-z]{3}_[0-9a-z]{20,}")
MOST_COUNTED = 999
ENDS = 6
T = TypeVar("T")


@dataclass(frozen=True)
class Hit:
    """One line: what it is, how one tells it from others, and where it leads."""

    id: str
    title: str
    detail: str
    href: str
    status: str = ""
    """A word of the badges; empty where none says more."""
    is_test: bool = False


@dataclass(frozen=True)
class HitGroup:
    """Lines of one kind."""

    kind: str
    label: str
    icon: str
    hits: list[Hit] = field(default_factory=list)
    count: str = ""
    """How many there are: `3`, `20+`."""
    more_href: str = ""
    """The list that holds all of them; empty where these are all, or where there is no list."""


@dataclass(frozen=True)
class Answer:
    """What became of one question; `number` is the one that its asker gave it."""

    number: int = 0
    groups: list[HitGroup] = field(default_factory=list)


def hit_groups(found: Found, q: str, *, livemode: bool, is_staff: bool, at: datetime) -> list[HitGroup]:
    """Lay out what was found, each kind with the list that holds the rest; kinds without a line are left out."""
    asked = {"q": q} if livemode else {"q": q, "mode": "test"}
    documents = "" if is_staff else f"{DOCUMENTS}?{urlencode(asked)}"
    queue = f"{QUEUE}?{urlencode({'view': 'all', 'q': q})}"
    groups = (
        _group("tasks", N_("Waiting for review"), "inbox", found.tasks, _task, queue),
        _group("documents", N_("Documents"), "file-text", found.documents, _document(is_staff=is_staff), documents),
        _group("applicants", N_("Applicants"), "circle-user", found.applicants, _applicant, ""),
        _group("api_keys", N_("API keys"), "key-round", found.api_keys, lambda row: _key(row, at), KEYS),
        _group(
            "webhook_endpoints", N_("Webhooks"), "webhook", found.webhook_endpoints, lambda row: _hook(row, at), HOOKS
        ),
        _group("api_requests", N_("API requests"), "clipboard-list", found.api_requests, _request, _requests(asked)),
        _group("members", N_("Team"), "users", found.members, _member, TEAM),
        _group("partners", N_("Partners"), "building-2", found.partners, _partner, PARTNERS),
        _group("policies", N_("Policies"), "scale", found.policies, _policy, POLICIES),
    )
    return [group for group in groups if group.hits]


def _group(  # noqa: PLR0913, PLR0917 what a group is called, what it holds and where the rest is
    kind: str, label: str, icon: str, finds: Finds[T], show: Callable[[T], Hit], more: str
) -> HitGroup:
    return HitGroup(
        kind, gettext(label), icon, [show(row) for row in finds.rows], _count(finds), more if finds.has_more else ""
    )


def _count(finds: Finds[Any]) -> str:
    if finds.count is not None:
        return f"{MOST_COUNTED}+" if finds.count > MOST_COUNTED else str(finds.count)
    return f"{len(finds.rows)}+" if finds.has_more else str(len(finds.rows))


def short(public: str) -> str:
    """Shorten an id to its ends, as lists do."""
    prefix, _, rest = public.partition("_")
    return f"{prefix}_…{rest[-ENDS:]}"


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _task(one: Waiting) -> Hit:
    task, document_id = public_id(Prefix.REVIEW_TASK, one.task.id), public_id(Prefix.DOCUMENT, one.document.id)
    return Hit(
        id=document_id,
        title=document_kind(one.document.type, one.document.issuing_country),
        detail=_joined(one.document.external_id or short(document_id), one.partner, one.task.why),
        href=f"/review/work/{task}",
        status=one.task.status,
        is_test=not one.document.livemode,
    )


def _document(*, is_staff: bool) -> Callable[[Document], Hit]:
    def show(document: Document) -> Hit:
        document_id = public_id(Prefix.DOCUMENT, document.id)
        return Hit(
            id=document_id,
            title=document_kind(document.type, document.issuing_country),
            detail=_joined(document.external_id, short(document_id)),
            href=f"{STORIES if is_staff else DOCUMENTS}/{document_id}",
            status=document.status,
            is_test=not document.livemode,
        )

    return show


def _applicant(applicant: Applicant) -> Hit:
    applicant_id = public_id(Prefix.APPLICANT, applicant.id)
    mode = {} if applicant.livemode else {"mode": "test"}
    return Hit(
        id=applicant_id,
        title=applicant.external_id or short(applicant_id),
        detail=_joined(gettext("Their documents"), short(applicant_id) if applicant.external_id else ""),
        href=f"{DOCUMENTS}?{urlencode({'applicant': applicant_id} | mode)}",
        status="redacted" if applicant.erased_at else "",
        is_test=not applicant.livemode,
    )


def _key(key: ApiKey, at: datetime) -> Hit:
    row = key_row(key, (), at=at)
    return Hit(row.id, row.name, row.shown, KEYS, status=row.status, is_test=not key.livemode)


def _hook(endpoint: WebhookEndpoint, at: datetime) -> Hit:
    view = endpoint_view(endpoint, None, at=at)
    return Hit(
        id=view.id,
        title=view.url,
        detail=endpoint.description,
        href=f"{HOOKS}/{view.id}",
        status=view.status,
        is_test=not endpoint.livemode,
    )


def _request(one: ApiRequest) -> Hit:
    row = request_row(one, {})
    mode = {} if one.livemode else {"mode": "test"}
    return Hit(
        id=row.id,
        title=f"{row.method} {row.path}",
        detail=_joined(row.status, row.code),
        href=f"{REQUESTS}?{urlencode({'q': one.request_id, 'request': row.id} | mode)}",
        is_test=not one.livemode,
    )


def _requests(asked: dict[str, str]) -> str:
    return f"{REQUESTS}?{urlencode(asked)}"


def _member(member: Member) -> Hit:
    role = member.role_name or plain(member.role.removeprefix("partner_"))
    status = "revoked" if member.disabled_at else ""
    return Hit(public_id(Prefix.MEMBER, member.id), member.name, _joined(member.email, role), TEAM, status=status)


def _partner(partner: Partner) -> Hit:
    partner_id = public_id(Prefix.PARTNER, partner.id)
    return Hit(
        partner_id,
        partner.name,
        _joined(gettext("{plan} plan", plan=partner.plan.capitalize()), partner.slug),
        f"{PARTNERS}/{partner_id}",
    )


def _policy(ruling: Ruling) -> Hit:
    version = ruling.version
    return Hit(
        public_id(Prefix.POLICY, version.id),
        gettext("{scope}, version {number}", scope=ruling.scope, number=version.number),
        version.note,
        f"{POLICIES}/{version.label}",
        status=version.status,
    )


def holds_secret(q: str) -> bool:
    """Answer whether a key or a signing secret stands anywhere in a text."""
    return SECRET.search(q) is not None


def is_id(q: str) -> bool:
    """Answer whether a text is one of our ids, which say nothing of anybody and may stand in an address."""
    return ID.fullmatch(q) is not None


def search_url(q: str, *, livemode: bool, region: str = "") -> str:
    """Write the address of a search, for our own people in one region."""
    asked = {"q": q} if q else {}
    asked |= {} if livemode else {"mode": "test"}
    asked |= {"region": region} if region else {}
    return f"{ALL}?{urlencode(asked)}" if asked else ALL


def amount(groups: Sequence[HitGroup]) -> str:
    """Say how much was found, as far as it was counted."""
    total = sum(int(group.count.rstrip("+")) for group in groups)
    more = "+" if any(group.count.endswith("+") for group in groups) else ""
    return ngettext("{count} result", "{count} results", total, count=f"{total}{more}")
