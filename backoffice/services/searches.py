"""One search over everything that an actor may read: each kind through its own permission, partner and mode.

Names and document numbers are found through the keyed hashes of `search_tokens`, by whom and as the list of documents
finds them. Texts of people's own making (names of keys, addresses of endpoints) are compared as they stand.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Invalid, NotFound
from backoffice.models.api_keys import ApiKey
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, Row, parse_public_id, public_id
from backoffice.models.documents import Document
from backoffice.models.members import Member
from backoffice.models.partners import Partner
from backoffice.models.review_counts import View
from backoffice.models.searches import SECRET, Finds, Found, Ruling, Waiting
from backoffice.models.usage import ApiRequest
from backoffice.models.webhooks import WebhookEndpoint
from backoffice.services import (
    api_requests,
    blindness,
    document_picks,
    documents,
    partners,
    policies,
    regions,
    review_queue,
    search_tokens,
)
from backoffice.services.access import Actor, Permission
from backoffice.services.documents import Filter
from backoffice.services.rows import visible

LEAST, MOST = 2, 200
"""Letters of a search."""
FEW = 5
MOST_NAMED = 100
"""Documents found by a name whose applicants are shown."""
HOUSE = "The house"
R = TypeVar("R", bound=Row)
P = Permission


def tidy(q: str) -> str:
    """Make of a text what is searched for; nothing of what is too short, too long or a secret that was pasted."""
    plain = "".join(letter for letter in q if letter.isprintable()).strip()
    return plain if LEAST <= len(plain) <= MOST and not SECRET.search(plain) else ""


async def everything(  # noqa: PLR0913 what to find, where, and how much of it
    session: AsyncSession,
    actor: Actor,
    q: str,
    *,
    livemode: bool = True,
    limit: int = FEW,
    is_counted: bool = False,
    region: str = "",
) -> Found:
    """Find what matches, the newest of each kind first; staff look for documents in one region at a time.

    Names and own ids are looked for in one mode; what is named by its id is found in both. Documents are counted
    beyond the limit when `is_counted`.
    """
    wanted = tidy(q)
    if not wanted:
        return Found()
    if actor.partner_id is not None:
        return await _of_partner(session, actor, wanted, livemode=livemode, limit=limit, is_counted=is_counted)
    return await _of_staff(session, actor, wanted, region=region, limit=limit)


async def _of_partner(  # noqa: PLR0913 what to find, where, and how much of it
    session: AsyncSession, actor: Actor, q: str, *, livemode: bool, limit: int, is_counted: bool
) -> Found:
    found = Found()
    if actor.can(P.DOCUMENTS_READ):
        asked = Filter(q=q, livemode=None if _key(Prefix.DOCUMENT, q) else livemode)
        listed = await _documents(session, actor, asked, limit=limit, is_counted=is_counted)
        found = replace(found, documents=listed)
    if actor.can(P.APPLICANTS_READ):
        found = replace(found, applicants=await _applicants(session, actor, q, livemode=livemode, limit=limit))
    if actor.can(P.KEYS_READ):
        named = or_(col(ApiKey.name).icontains(q, autoescape=True), _is(col(ApiKey.id), Prefix.API_KEY, q))
        keys = visible(actor, ApiKey).where(named, col(ApiKey.lent_for).is_(None))
        found = replace(found, api_keys=await _some(session, keys, ApiKey, limit))
    if actor.can(P.WEBHOOKS_READ):
        found = replace(found, webhook_endpoints=await _endpoints(session, actor, q, limit))
    if actor.can(P.REQUESTS_READ) and not any(letter.isspace() for letter in q):
        page = await api_requests.page(session, actor, api_requests.Filter(request_id=q, limit=limit))
        found = replace(found, api_requests=Finds[ApiRequest](page.rows, page.has_more))
    if actor.can(P.MEMBERS_READ):
        found = replace(found, members=await _members(session, actor, q, limit))
    return found


async def _of_staff(session: AsyncSession, actor: Actor, q: str, *, region: str, limit: int) -> Found:
    """Find what waits and what was decided for who decides, partners and policies for who runs the house."""
    found = Found()
    try:
        found = await _of_reviewer(session, actor, q, region=region, limit=limit)
    except Invalid as error:
        if error.code != regions.CROSSES:
            raise
        found = replace(found, refusal=str(error))
    if actor.can(P.PARTNERS_READ):
        named = (
            col(Partner.name).icontains(q, autoescape=True),
            col(Partner.slug).icontains(q, autoescape=True),
            _is(col(Partner.id), Prefix.PARTNER, q),
        )
        listed = await _some(session, select(Partner).where(or_(*named)), Partner, limit)
        found = replace(found, partners=listed)
    if actor.can(P.POLICIES_READ):
        found = replace(found, policies=await _policies(session, actor, q, limit))
    return found


async def _of_reviewer(session: AsyncSession, actor: Actor, q: str, *, region: str, limit: int) -> Found:
    """Find tasks and decided documents of one region.

    Raises Invalid with the code `crosses_regions` where there are several and none was chosen.
    """
    found = Found()
    if actor.can(P.QUEUE_READ):
        found = replace(found, tasks=await _tasks(session, actor, q, limit, region))
    if actor.can(P.DOCUMENTS_DECIDE):
        here = [one.document.id for one in found.tasks.rows]
        found = replace(found, documents=await _decided(session, actor, q, limit, besides=here, region=region))
    return found


async def _documents(
    session: AsyncSession, actor: Actor, asked: Filter, *, limit: int, is_counted: bool
) -> Finds[Document]:
    page = await documents.page(session, actor, replace(asked, limit=limit))
    if not is_counted or not page.has_more:
        return Finds(page.rows, page.has_more, None if page.has_more else len(page.rows))
    count = (await document_picks.counts(session, actor, {"found": asked}))["found"]
    return Finds(page.rows, has_more=True, count=count)


async def _applicants(session: AsyncSession, actor: Actor, q: str, *, livemode: bool, limit: int) -> Finds[Applicant]:
    """Find applicants by id, by the partner's own id, and by the documents that hold such a name or number."""
    statement, key = visible(actor, Applicant), _key(Prefix.APPLICANT, q)
    if key is not None:
        return await _some(session, statement.where(col(Applicant.id) == key), Applicant, limit)
    here = statement.where(col(Applicant.livemode) == livemode)
    own = here.where(col(Applicant.external_id) == q).with_only_columns(col(Applicant.id)).limit(MOST_NAMED)
    keys = set((await session.execute(own)).scalars())
    if named := (await search_tokens.find(session, actor, q, livemode=livemode))[:MOST_NAMED]:
        holders = select(col(Document.applicant_id)).where(
            col(Document.id).in_(named), col(Document.partner_id) == actor.partner_id
        )
        keys |= set((await session.execute(holders)).scalars())
    return await _some(session, here.where(col(Applicant.id).in_(keys)), Applicant, limit) if keys else Finds()


async def _endpoints(session: AsyncSession, actor: Actor, q: str, limit: int) -> Finds[WebhookEndpoint]:
    row = WebhookEndpoint
    matches = or_(
        col(row.url).icontains(q, autoescape=True),
        col(row.description).icontains(q, autoescape=True),
        _is(col(row.id), Prefix.WEBHOOK_ENDPOINT, q),
    )
    statement = visible(actor, row).where(col(row.deleted_at).is_(None), matches)
    return await _some(session, statement, row, limit)


async def _members(session: AsyncSession, actor: Actor, q: str, limit: int) -> Finds[Member]:
    matches = or_(
        col(Member.name).icontains(q, autoescape=True),
        col(Member.email).icontains(q, autoescape=True),
        _is(col(Member.id), Prefix.MEMBER, q),
    )
    statement = select(Member).where(col(Member.partner_id) == actor.require_partner(), matches)
    return await _some(session, statement, Member, limit)


async def _tasks(session: AsyncSession, actor: Actor, q: str, limit: int, region: str) -> Finds[Waiting]:
    """Find open tasks by their own id, and as the queue's search does."""
    key = _key(Prefix.REVIEW_TASK, q)
    if key is not None:
        items, has_more = await review_queue.some(session, actor, [key]), False
    else:
        page = await review_queue.page(
            session, actor, View.ALL, by=review_queue.Filter(region=region), q=q, limit=limit
        )
        items, has_more = list(page.rows), page.has_more
    return Finds([Waiting(one.task, one.document, one.partner) for one in items], has_more)


async def _decided(  # noqa: PLR0913 what to find, where, and how much of it
    session: AsyncSession, actor: Actor, q: str, limit: int, *, besides: Sequence[UUID], region: str
) -> Finds[Document]:
    """Find documents whose timeline a reviewer may read: none that they judge blind, none that they are barred from."""
    if _key(Prefix.DOCUMENT, q) is None:
        await regions.refuse_crossing(session, actor, region=region)
    statement = (await documents.matching(session, actor, Filter())).where(
        documents.matches(q),
        col(Document.id).not_in(besides),
        blindness.clear_of(actor.id, col(Document.id)),
    )
    if region:
        statement = statement.where(col(Document.partner_id).in_(regions.partners_of(region)))
    return await _some(session, statement, Document, limit)


async def _policies(session: AsyncSession, actor: Actor, q: str, limit: int) -> Finds[Ruling]:
    """Find versions by what they are called, by their note and by whose they are, among the newest."""
    names: dict[UUID | None, str] = {None: HOUSE, **dict(await partners.names(session, actor))}
    wanted = q.casefold()
    found = [
        ruling
        for ruling in (
            Ruling(version, names.get(version.partner_id, "")) for version in await policies.every(session, actor)
        )
        if wanted in f"{ruling.scope} version {ruling.version.number} {ruling.version.note}".casefold()
        or wanted in {ruling.version.label, public_id(Prefix.POLICY, ruling.version.policy_id)}
    ]
    return Finds(found[:limit], len(found) > limit)


async def _some(session: AsyncSession, statement: Select[R], model: type[R], limit: int) -> Finds[R]:
    """Read the newest of what a statement selects."""
    newest = statement.order_by(col(model.id).desc()).limit(limit + 1)
    rows = (await session.execute(newest)).scalars().all()
    return Finds(rows[:limit], len(rows) > limit)


def _is(column: SQLColumnExpression[UUID], prefix: Prefix, text: str) -> ColumnElement[bool]:
    """Compare with an id that a text names; what names none is nobody's."""
    return column == (_key(prefix, text) or UUID(int=0))


def _key(prefix: Prefix, text: str) -> UUID | None:
    try:
        return parse_public_id(prefix, text)
    except NotFound:
        return None
