"""Personal data before partners' people: hidden until somebody says what for, then shown to that session for a while.

Our own reviewers see what they decide on, and API keys are machines with scopes of their own; neither reveals.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.base import new_id
from backoffice.models.card_numbers import refuse_card_number
from backoffice.models.documents import Document
from backoffice.models.reveals import FIELDS, LASTS, MAX_NOTE, MIN_NOTE, Purpose, Reveal
from backoffice.services import audit, documents, vault
from backoffice.services.access import Actor, ActorType, Permission

WORD = re.compile(r"\S+")
NAMES = frozenset({"full_name", "given_names", "surname"})
NOTE_COLUMN = "note_box"
SEALED_AT_ONCE = 500
LEAST = 3
"""Letters of a word of which the first may be seen: of a shorter one it would be nearly all."""
HIDDEN = "•••••"


def is_asked(actor: Actor) -> bool:
    """Whether this actor says what for before personal data is shown: partners' people do."""
    return actor.type == ActorType.MEMBER and not actor.is_staff


async def begin(  # noqa: PLR0913 a look is at something, for a purpose
    session: AsyncSession, actor: Actor, document_id: UUID, *, purpose: str, note: str = "", field: str = ""
) -> Reveal:
    """Show one document's personal data, or one field of it, to this session for a while.

    The purpose goes into the audit trail. Raises NotAllowed without `personal:read`, NotFound, Invalid for an unknown
    field or purpose, or another purpose than those named without a note.
    """
    actor.require(Permission.PERSONAL_READ)
    if actor.id is None or actor.session_id is None or not is_asked(actor):
        raise NotAllowed("Only people who are signed in to a partner's workspace reveal personal data.")
    document = await documents.get(session, actor, document_id)
    if document.redacted_at is not None:
        raise NotFound("The personal data of this document has been erased.", code="erased")
    said = " ".join(note.split())
    _check(purpose, said)
    if field and field not in FIELDS:
        raise Invalid("There is no such field.", code="unknown_field", pointer="/field")
    row = Reveal(
        id=new_id(), partner_id=document.partner_id, document_id=document.id, member_id=actor.id,
        session_id=actor.session_id, field=field, purpose=purpose, expires_at=present() + LASTS,
    )  # fmt: skip
    if said:
        key = await vault.data_key(session, document.applicant_id)
        row.note_box = vault.seal_json(key, said, row=row.id, column=NOTE_COLUMN)
    session.add(row)
    await session.flush()
    about: dict[str, object] = {"field": field} if field else {}
    await audit.record(
        session, actor, "personal.revealed", subject_type="document", subject_id=document.id,
        partner_id=document.partner_id, changes={"purpose": purpose, "until": row.expires_at.isoformat()} | about,
    )  # fmt: skip
    live.announce(session, f"document:{document.id}")
    return row


def _check(purpose: str, note: str) -> None:
    if purpose not in set(Purpose):
        raise Invalid("Choose what you need it for.", code="unknown_purpose", pointer="/purpose")
    if len(note) > MAX_NOTE:
        raise Invalid(f"A note has at most {MAX_NOTE} characters.", code="too_long", pointer="/note")
    if purpose == Purpose.OTHER and len(note) < MIN_NOTE:
        raise Invalid(f"Write in at least {MIN_NOTE} characters what for.", code="note_needed", pointer="/note")
    refuse_card_number(note, "/note")


async def seal(session: AsyncSession, actor: Actor) -> int:
    """Seal notes of before they were sealed; of who is erased already nothing is kept. Answers how many there were."""
    actor.require(Permission.SYSTEM)
    statement = (
        select(Reveal, col(Document.applicant_id))
        .join(Document, col(Document.id) == col(Reveal.document_id))
        .where(col(Reveal.note) != "")
        .order_by(col(Reveal.id))
        .limit(SEALED_AT_ONCE)
    )
    found = (await session.execute(statement.with_for_update(of=Reveal, skip_locked=True))).all()
    keys = await vault.data_keys(session, {applicant_id for _, applicant_id in found}) if found else {}
    for row, applicant_id in found:
        if key := keys.get(applicant_id):
            row.note_box = vault.seal_json(key, row.note, row=row.id, column=NOTE_COLUMN)
        row.note = ""
    return len(found)


async def until(session: AsyncSession, actor: Actor, document_id: UUID) -> datetime | None:
    """Say until when this session sees the document's personal data; None when it does not."""
    if not actor.can(Permission.PERSONAL_READ) or actor.session_id is None:
        return None
    statement = select(func.max(col(Reveal.expires_at))).where(
        col(Reveal.session_id) == actor.session_id,
        col(Reveal.document_id) == document_id,
        col(Reveal.expires_at) > present(),
        col(Reveal.field) == "",
    )
    return (await session.execute(statement)).scalar_one()


async def fields(session: AsyncSession, actor: Actor, document_id: UUID) -> dict[str, datetime]:
    """Say which values alone this session sees of a document, and until when."""
    if not actor.can(Permission.PERSONAL_READ) or actor.session_id is None:
        return {}
    statement = select(col(Reveal.field), func.max(col(Reveal.expires_at))).where(
        col(Reveal.session_id) == actor.session_id,
        col(Reveal.document_id) == document_id,
        col(Reveal.expires_at) > present(),
        col(Reveal.field) != "",
    )
    return {row[0]: row[1] for row in await session.execute(statement.group_by(col(Reveal.field)))}


async def refuse_hidden(session: AsyncSession, actor: Actor, document_id: UUID) -> None:
    """Stop a person who has not said what for.

    Raises NotFound: the picture is not there for them.
    """
    if is_asked(actor) and await until(session, actor, document_id) is None:
        raise NotFound("Say first what you need it for: open the document and show its personal data.", code="hidden")


def masked(values: Mapping[str, Any], but: Collection[str] = ()) -> dict[str, Any]:
    """Hide values so that neither their length nor more than a name's first letters can be read."""
    return {name: value if name in but else mask(name, value) for name, value in values.items() if value}


def mask(name: str, value: object) -> object:
    """Hide one value; of a name its initials stay, so that a person can tell two rows apart."""
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, object]", value)
        return {key: HIDDEN for key, part in parts.items() if part}
    if name in NAMES:
        return WORD.sub(lambda word: f"{word[0][0]}{HIDDEN}" if len(word[0]) >= LEAST else HIDDEN, str(value))
    return HIDDEN
