"""Tags on documents: a partner's own words, which go away with the person.

The audit trail says who changed the tags of which document and how many there are; what they say stays out of it,
because it cannot be erased there.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.errors import Conflict, Invalid
from backoffice.models.card_numbers import refuse_card_number
from backoffice.models.document_tags import LONGEST_TAG, MOST_TAGS, DocumentTag
from backoffice.models.documents import Document, DocumentStatus
from backoffice.services import audit, documents
from backoffice.services.access import Actor, Permission

SIGNS = "-_.:"
NOBODYS = "-"
"""A tag that no document can have."""
MOST_NAMED = 50
"""Tags that a menu offers."""
IN_USE = text("""
with recursive used as (
    (select tag from document_tags where partner_id = :partner and livemode = :livemode order by tag limit 1)
    union all
    select (
        select tag from document_tags
        where partner_id = :partner and livemode = :livemode and tag > used.tag order by tag limit 1
    ) from used where used.tag is not null
)
select tag from used where tag is not null limit :most
""")
"""Goes from one tag to the next in the index, however many documents have it."""


def tidy(words: str) -> str:
    """Write a tag in the one way in which it is kept: small letters, hyphens for spaces."""
    return "-".join(unicodedata.normalize("NFKC", words).casefold().split())


def is_tag(tag: str) -> bool:
    """Answer whether this could be the tag of a document."""
    return 0 < len(tag) <= LONGEST_TAG and tag[0].isalnum() and all(map(_is_sign, tag))


def _is_sign(sign: str) -> bool:
    """Take letters and digits of every script, with the marks that many write above or below them."""
    return sign.isalnum() or sign in SIGNS or unicodedata.category(sign).startswith("M")


def checked(words: str) -> str:
    """Read a tag that a person wrote.

    Raises Invalid for one that is empty, too long, or has other signs than letters, digits and `-_.:`.
    """
    tag = tidy(words)
    if not is_tag(tag):
        raise Invalid(
            f"A tag has 1 to {LONGEST_TAG} letters, digits, hyphens, dots or colons, the first a letter or digit.",
            code="invalid_tag",
            pointer="/tag",
        )
    refuse_card_number(tag, "/tag")
    return tag


async def of_documents(session: AsyncSession, document_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Read the tags of documents that the caller was found to be allowed to see, in order of the alphabet."""
    statement = (
        select(col(DocumentTag.document_id), col(DocumentTag.tag))
        .where(col(DocumentTag.document_id).in_(list(document_ids)))
        .order_by(col(DocumentTag.document_id), col(DocumentTag.tag))
    )
    grouped: dict[UUID, list[str]] = {}
    for document_id, tag in await session.execute(statement):
        grouped.setdefault(document_id, []).append(tag)
    return grouped


async def in_use(session: AsyncSession, actor: Actor, *, livemode: bool) -> list[str]:
    """List the partner's tags, in order of the alphabet."""
    actor.require(Permission.DOCUMENTS_READ)
    given = {"partner": actor.require_partner(), "livemode": livemode, "most": MOST_NAMED}
    return list((await session.execute(IN_USE, given)).scalars())


async def add(session: AsyncSession, actor: Actor, document_id: UUID, words: str) -> str:
    """Put a tag on a document; answers it as it is kept.

    Raises Invalid, NotFound, Conflict with the codes `tag_there`, `too_many_tags` or `erased`.
    """
    tag = checked(words)
    document = await _locked(session, actor, document_id)
    if document.status == DocumentStatus.REDACTED:
        raise Conflict("The personal data of this document has been erased. It takes no tags.", code="erased")
    there = await _count(session, document)
    if await _has(session, document, tag):
        raise Conflict(f"It has the tag {tag} already.", code="tag_there")
    if there >= MOST_TAGS:
        raise Conflict(f"A document has at most {MOST_TAGS} tags.", code="too_many_tags")
    row = DocumentTag(partner_id=document.partner_id, livemode=document.livemode, document_id=document.id, tag=tag)
    session.add(row)
    await session.flush()
    await _tell(session, actor, document, "tagged", [there, there + 1])
    return tag


async def remove(session: AsyncSession, actor: Actor, document_id: UUID, words: str) -> None:
    """Take a tag off a document.

    Raises NotFound, and Conflict with the code `tag_gone` when it has none of this name.
    """
    tag, document = tidy(words), await _locked(session, actor, document_id)
    there = await _count(session, document)
    if not await _has(session, document, tag):
        raise Conflict(f"It does not have the tag {tag}.", code="tag_gone")
    await session.execute(delete(DocumentTag).where(*_named(document, tag)))
    await _tell(session, actor, document, "untagged", [there, there - 1])


async def _locked(session: AsyncSession, actor: Actor, document_id: UUID) -> Document:
    actor.require(Permission.DOCUMENTS_TAG)
    return await documents.get(session, actor, document_id, lock=True)


def _named(document: Document, tag: str) -> Sequence[ColumnElement[bool]]:
    return (col(DocumentTag.document_id) == document.id, col(DocumentTag.tag) == tag)


async def _has(session: AsyncSession, document: Document, tag: str) -> bool:
    return (await session.execute(select(col(DocumentTag.id)).where(*_named(document, tag)))).first() is not None


async def _count(session: AsyncSession, document: Document) -> int:
    statement = select(func.count()).where(col(DocumentTag.document_id) == document.id)
    return (await session.execute(statement)).scalar_one()


async def forget(session: AsyncSession, document_ids: Sequence[UUID]) -> None:
    """Delete the tags of documents that are redacted in this transaction."""
    statement = delete(DocumentTag).where(col(DocumentTag.document_id).in_(document_ids))
    await session.execute(statement.execution_options(synchronize_session=False))


async def _tell(session: AsyncSession, actor: Actor, document: Document, what: str, numbers: list[int]) -> None:
    await audit.record(
        session, actor, f"document.{what}", subject_type="document", subject_id=document.id,
        partner_id=document.partner_id, changes={"tags": numbers},
    )  # fmt: skip
    live.announce(session, f"document:{document.id}", f"partner:{document.partner_id}")
