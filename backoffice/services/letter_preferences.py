"""Which optional letters somebody gets: chosen on their settings page, or stopped by the link in a letter.

The link works without a sign-in and says nothing but who and which kind; mail programs press it by themselves
(RFC 8058), so that opening it changes nothing and sending its form does.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.members import Member
from backoffice.services import audit, members, tokens
from backoffice.services.access import Actor, ActorType, Permission, found
from backoffice.settings import settings

PURPOSE = "unsubscribe:1"
PATH = "/unsubscribe"
_LETTERS = {LetterKind.WEBHOOKS: b"w", LetterKind.EXPORTS: b"e", LetterKind.ALERTS: b"a"}
SIZE = 17
READERS: dict[LetterKind, Permission] = {
    LetterKind.WEBHOOKS: Permission.WEBHOOKS_READ,
    LetterKind.EXPORTS: Permission.DOCUMENTS_READ,
    LetterKind.ALERTS: Permission.ALERTS_READ,
}
"""What somebody of a partner's may do who would get letters of a kind."""


async def mine(session: AsyncSession, actor: Actor) -> dict[LetterKind, bool]:
    """Say which optional letters there are for the person who acts, and which of them they get."""
    row, is_partners = await members.wishes_of(session, actor), actor.partner_id is not None
    return {
        kind: kind not in row.muted_letters
        for kind, permission in READERS.items()
        if is_partners and actor.can(permission)
    }


async def choose(session: AsyncSession, actor: Actor, kind: LetterKind, *, wanted: bool) -> None:
    """Let the person who acts get letters of a kind, or not.

    Raises NotFound for a key or a job.
    """
    await _write(
        session, actor, await _held(session, actor.id if actor.type == ActorType.MEMBER else None), kind, wanted
    )


async def _held(session: AsyncSession, member_id: UUID | None) -> Member:
    statement = select(Member).where(col(Member.id) == member_id).with_for_update()
    return found((await session.execute(statement)).scalar_one_or_none(), "member")


async def _write(session: AsyncSession, actor: Actor, row: Member, kind: LetterKind, wanted: bool) -> None:
    before = set(row.muted_letters)
    after = before - {kind} if wanted else before | {kind}
    if before == after:
        return
    row.muted_letters = sorted(after)
    await session.flush()
    await audit.record(
        session, actor, "member.letters_changed", subject_type="member", subject_id=row.id, partner_id=row.partner_id,
        changes={str(kind): [not wanted, wanted]},
    )  # fmt: skip
    live.announce(session, f"member:{row.id}")


def link(member_id: UUID, kind: LetterKind) -> str:
    """Write the address at which one press stops letters of this kind to this person."""
    return f"{settings().url}{PATH}/{tokens.write(PURPOSE, _LETTERS[kind] + member_id.bytes, is_lasting=True)}"


def read(token: str) -> tuple[UUID, LetterKind]:
    """Read whom and what a link is about.

    Raises NotFound for one that we did not write.
    """
    body = tokens.read(PURPOSE, token, SIZE, is_lasting=True)
    kind = next((kind for kind, letter in _LETTERS.items() if letter == body[:1]), None)
    if kind is None:
        raise tokens.no_such_link()
    return UUID(bytes=body[1:]), kind


async def stop(session: AsyncSession, token: str, *, ip: str = "", request_id: str = "") -> LetterKind:
    """Send no more letters of the link's kind; pressing it again changes nothing.

    Raises NotFound for a link that we did not write, or whose person is gone.
    """
    member_id, kind = read(token)
    row = await _held(session, member_id)
    actor = Actor(ActorType.SYSTEM, None, "unsubscribe link", frozenset(), row.partner_id, ip=ip, request_id=request_id)
    await _write(session, actor, row, kind, wanted=False)
    return kind
