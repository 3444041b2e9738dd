"""Saved views: a person's own names for lists of documents, in their order; nobody else sees them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.members import Member
from backoffice.models.saved_views import LONGEST_NAME, MOST_VIEWS, SavedView
from backoffice.services.access import Actor, Permission, found

KEPT = ("status", "type", "tag", "applicant", "from", "decided", "mode")
"""Parameters of the list's address that a view keeps; a search may be somebody's name, and is not kept."""
MOST_LETTERS = 200


def kept(asked: Mapping[str, str]) -> dict[str, str]:
    """Take from an address what a view keeps of it."""
    return {name: asked[name][:MOST_LETTERS] for name in KEPT if asked.get(name)}


async def mine(session: AsyncSession, actor: Actor) -> list[SavedView]:
    """Read the actor's views, in their order."""
    statement = select(SavedView).where(col(SavedView.member_id) == _member(actor))
    order = (col(SavedView.position), col(SavedView.id))
    return list((await session.execute(statement.order_by(*order))).scalars())


async def keep(session: AsyncSession, actor: Actor, name: str, asked: Mapping[str, str]) -> SavedView:
    """Keep a list under a name, after the others.

    Raises Invalid for a name without letters or too long, or an address that narrows nothing; Conflict with the codes
    `name_taken` and `too_many_views`.
    """
    views, filters = await _locked(session, actor), kept(asked)
    if not filters:
        raise Invalid("Narrow the list first: a view keeps its filters.", code="nothing_narrowed", pointer="/filters")
    if len(views) >= MOST_VIEWS:
        raise Conflict(f"You have {MOST_VIEWS} views already. Delete one first.", code="too_many_views")
    row = SavedView(
        partner_id=actor.require_partner(), member_id=_member(actor), name=_named(name, views), filters=filters,
        position=max((one.position for one in views), default=0) + 1,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def rename(session: AsyncSession, actor: Actor, view_id: UUID, name: str) -> SavedView:
    """Give a view another name.

    Raises NotFound for another's view, and as `keep` does.
    """
    views = await _locked(session, actor)
    row = _one(views, view_id)
    row.name = _named(name, [one for one in views if one is not row])
    await session.flush()
    return row


async def move(session: AsyncSession, actor: Actor, view_id: UUID, by: int) -> None:
    """Change places with the view before (-1) or after (1); the first and the last stay where they are.

    Raises NotFound for another's view.
    """
    views = await _locked(session, actor)
    place = views.index(_one(views, view_id))
    other = min(max(place + (1 if by > 0 else -1), 0), len(views) - 1)
    views[place], views[other] = views[other], views[place]
    for position, row in enumerate(views, 1):
        row.position = position
    await session.flush()


async def remove(session: AsyncSession, actor: Actor, view_id: UUID) -> None:
    """Forget a view.

    Raises NotFound for another's.
    """
    row = _one(await _locked(session, actor), view_id)
    await session.execute(delete(SavedView).where(col(SavedView.id) == row.id))


async def _locked(session: AsyncSession, actor: Actor) -> list[SavedView]:
    """Read the actor's views behind a lock on the actor, so that two tabs do not count past the limit."""
    await session.get(Member, _member(actor), with_for_update=True)
    return await mine(session, actor)


def _member(actor: Actor) -> UUID:
    actor.require(Permission.DOCUMENTS_READ)
    actor.require_partner()
    if actor.role is None or actor.id is None:
        raise NotAllowed("Views are kept by people who are signed in.")
    return actor.id


def _one(views: list[SavedView], view_id: UUID) -> SavedView:
    return found(next((row for row in views if row.id == view_id), None), "view")


def _named(name: str, others: list[SavedView]) -> str:
    tidy = " ".join(name.split())
    if not 1 <= len(tidy) <= LONGEST_NAME or not tidy.isprintable():
        raise Invalid(f"A name has 1 to {LONGEST_NAME} letters.", code="invalid_name", pointer="/name")
    if tidy.casefold() in {one.name.casefold() for one in others}:
        raise Conflict("You have a view of this name already.", code="name_taken")
    return tidy
