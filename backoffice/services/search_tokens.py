"""Finding a document by its holder's name or its number, in a table that says neither.

Each whole word of the names, given and read, and the number are kept as keyed hashes, each partner's and mode's under
keys of their own, as `fingerprints.py` keeps them. So search is exact by word: any order, any accents, no parts.
"""

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters.cipher import blind_index
from backoffice.adapters.derive import lasting_key
from backoffice.clock import now
from backoffice.models.base import new_id
from backoffice.models.documents import Document
from backoffice.models.search_tokens import SearchToken, TokenField
from backoffice.screening.fingerprints import same_signs
from backoffice.screening.names import icao_letters
from backoffice.screening.types import Declared, Screening
from backoffice.services.access import Actor, Permission

NAMES = ("full_name", "given_names", "surname")
BREAKS = re.compile(r"[\s\-,.;]+")
LEAST_LETTERS, LEAST_SIGNS = 2, 5
MOST_WORDS, MOST_FOUND = 8, 500
Tokens = set[tuple[TokenField, str]]


async def keep(
    session: AsyncSession, document: Document, given: Declared, screening: Screening, number: bytes | None = None
) -> None:
    """Write what a screened document is found by; what is there already stays once.

    `number` is the hash of a declared number that is kept masked.
    """
    told = (given.full_name, given.given_names, given.surname, *(screening.value(name) for name in NAMES))
    tokens = _words(name for name in told if name)
    for told_number in (given.document_number, screening.value("document_number"), screening.hidden_number):
        tokens |= _number(told_number or "")
    await forget(session, [document.id])  # names may have been corrected since, or read differently
    values = {(field, _hash(document.partner_id, field, text, livemode=document.livemode)) for field, text in tokens}
    if number:
        values.add((TokenField.NUMBER, number))
    if not values:
        return
    rows = [
        {
            "id": new_id(),
            "created_at": now(),
            "partner_id": document.partner_id,
            "livemode": document.livemode,
            "document_id": document.id,
            "field": field,
            "value": value,
        }
        for field, value in sorted(values)
    ]
    await session.execute(insert(SearchToken).values(rows).on_conflict_do_nothing())


async def forget(session: AsyncSession, document_ids: Sequence[UUID]) -> None:
    """Delete what documents are found by: they are redacted in this transaction."""
    statement = delete(SearchToken).where(col(SearchToken.document_id).in_(document_ids))
    await session.execute(statement.execution_options(synchronize_session=False))


async def find(session: AsyncSession, actor: Actor, q: str, *, livemode: bool | None) -> list[UUID]:
    """Find the newest documents that hold all of these words, or have this number.

    Only people of one partner, in one mode, who may read personal data find anything: that somebody is known is
    personal, too.
    """
    if livemode is None or actor.role is None or actor.partner_id is None or not actor.can(Permission.PERSONAL_READ):
        return []
    words, number = sorted(_words([q]))[:MOST_WORDS], sorted(_number(q))
    searches = [_holding(actor.partner_id, tokens, livemode=livemode) for tokens in (words, number) if tokens]
    found = [one for search in searches for one in (await session.execute(search)).scalars()]
    return sorted(set(found), reverse=True)[:MOST_FOUND]


def _holding(partner_id: UUID, tokens: Sequence[tuple[TokenField, str]], *, livemode: bool) -> Select[UUID]:
    """Select the documents that have each of these tokens, all of one field."""
    document_id, field = col(SearchToken.document_id), tokens[0][0]
    values = [_hash(partner_id, *token, livemode=livemode) for token in tokens]
    return (
        select(document_id)
        .where(
            col(SearchToken.partner_id) == partner_id,
            col(SearchToken.livemode) == livemode,
            col(SearchToken.field) == field,
            col(SearchToken.value).in_(values),
        )
        .group_by(document_id)
        .having(func.count() == len(values))
        .order_by(document_id.desc())
        .limit(MOST_FOUND)
    )


def _words(texts: Iterable[str]) -> Tokens:
    found = {icao_letters(word) for text in texts for word in BREAKS.split(text)}
    return {(TokenField.WORD, word) for word in found if len(word) >= LEAST_LETTERS}


def _number(text: str) -> Tokens:
    plain = same_signs(text)
    is_masked = text.upper().startswith("XXXX")
    is_number = len(plain) >= LEAST_SIGNS and any(sign.isdigit() for sign in text)
    return {(TokenField.NUMBER, plain)} if is_number and not is_masked else set()


def number_hash(partner_id: UUID, number: str, *, livemode: bool) -> bytes:
    """Hash a number as documents are found by it, before it is masked."""
    return _hash(partner_id, TokenField.NUMBER, same_signs(number), livemode=livemode)


def _hash(partner_id: UUID, field: TokenField, text: str, *, livemode: bool) -> bytes:
    mode = "live" if livemode else "test"
    return blind_index(lasting_key(f"search:1:{partner_id}:{mode}:{field}"), text)
