"""Applicants: the end users; what we know of them stands sealed under their own data key."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.clock import now
from backoffice.db import insert
from backoffice.errors import Conflict
from backoffice.models.applicants import Applicant
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.erasure_requests import ErasureRequest
from backoffice.screening import masking_rules
from backoffice.services import audit, events, search_tokens, vault
from backoffice.services.access import Actor, Permission, found
from backoffice.services.pages import DEFAULT_LIMIT, Page, created_within, walk
from backoffice.services.rows import visible

PERSONAL_COLUMN = "personal_box"
ANY_RULE = "any"
"""In place of a country: what was declared does not count, because a document showed what the number is."""
PERSONAL_NAMES = (
    "given_names",
    "surname",
    "full_name",
    "date_of_birth",
    "nationality",
    "address",
    "email",
    "phone",
    "document_number",
)
"""What a partner may tell us of an applicant; dates are ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; every field narrows."""

    external_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Draft:
    """A new applicant with their data key, made before the transaction that keeps them."""

    applicant: Applicant
    key: bytes


async def draft(
    actor: Actor, personal: Mapping[str, Any], external_id: str | None = None, *, country: str | None = None
) -> Draft:
    """Make an applicant and keep their data key, which opens nothing before `add` keeps them.

    `country` is the one that issued the document whose number is told, as far as it is known.
    """
    partner_id, applicant_id = actor.require_partner(), new_id()
    key = await vault.make_key(partner_id, applicant_id)
    applicant = Applicant(
        id=applicant_id,
        partner_id=partner_id,
        livemode=bool(actor.livemode),
        external_id=external_id,
        language=personal.get("language"),
    )
    told = _masked(applicant, personal, country)
    applicant.personal_box = vault.seal_json(key, _known(told), row=applicant_id, column=PERSONAL_COLUMN)
    return Draft(applicant, key)


async def add(session: AsyncSession, actor: Actor, draft_: Draft) -> Applicant:
    """Keep a new applicant, and tell of them."""
    await insert(session, draft_.applicant)
    await tell(session, actor, draft_.applicant, "created")
    return draft_.applicant


async def get(session: AsyncSession, actor: Actor, applicant_id: UUID) -> Applicant:
    """Find one applicant that the actor may see.

    Raises NotFound for one that does not exist, of another partner or of the other mode.
    """
    actor.require(Permission.APPLICANTS_READ)
    return await find(session, actor, applicant_id)


async def find(session: AsyncSession, actor: Actor, applicant_id: UUID) -> Applicant:
    """Find one applicant of the actor's partner and mode, for a service that has asked for its own permission."""
    return found((await session.execute(_one(actor, applicant_id))).scalar_one_or_none(), "applicant")


async def locked(session: AsyncSession, actor: Actor, applicant_id: UUID) -> Applicant:
    """Find one applicant for a change, for a service that has asked for its own permission; before all that is theirs.

    Raises NotFound.
    """
    statement = _one(actor, applicant_id).with_for_update().execution_options(populate_existing=True)
    return found((await session.execute(statement)).scalar_one_or_none(), "applicant")


async def usable(session: AsyncSession, actor: Actor, applicant_id: UUID, *, lock: bool = False) -> Applicant:
    """Find one applicant to whom something is to be added, and with `lock` let nobody erase them meanwhile.

    Raises NotFound, and Conflict with the code `applicant_erased` from the moment the erasure was asked for.
    """
    statement = _one(actor, applicant_id)
    if lock:
        statement = statement.with_for_update(read=True).execution_options(populate_existing=True)
    applicant = found((await session.execute(statement)).scalar_one_or_none(), "applicant")
    await refuse_erased(session, applicant)
    return applicant


async def refuse_erased(session: AsyncSession, applicant: Applicant) -> None:
    """Stop for an applicant who is erased, or about to be.

    Raises Conflict.
    """
    asked = select(col(ErasureRequest.id)).where(col(ErasureRequest.applicant_id) == applicant.id)
    if applicant.erased_at is not None or (await session.execute(asked)).first():
        raise Conflict("This applicant has been erased.", code="applicant_erased")


def _one(actor: Actor, applicant_id: UUID) -> Select[Applicant]:
    return visible(actor, Applicant).where(col(Applicant.id) == applicant_id)


async def page(session: AsyncSession, actor: Actor, by: Filter) -> Page[Applicant]:
    """List applicants newest first.

    Raises Invalid for a limit out of range or a foreign cursor.
    """
    actor.require(Permission.APPLICANTS_READ)
    statement = visible(actor, Applicant).where(*created_within(Applicant, by.created_after, by.created_before))
    if by.external_id is not None:
        statement = statement.where(col(Applicant.external_id) == by.external_id)
    return await walk(session, Applicant, statement, prefix=Prefix.APPLICANT, limit=by.limit, cursor=by.cursor)


async def change(session: AsyncSession, actor: Actor, applicant: Applicant, changes: Mapping[str, Any]) -> None:
    """Merge changes into a locked applicant, where None clears a name; what changes nothing is not told.

    Raises Conflict for an erased one.
    """
    actor.require(Permission.APPLICANTS_WRITE)
    await refuse_erased(session, applicant)
    key = await vault.data_key(session, applicant.id)
    known: dict[str, Any] = vault.open_json(key, applicant.personal_box, row=applicant.id, column=PERSONAL_COLUMN) or {}
    changes = _masked(applicant, changes, None, known)
    before = {**known, "external_id": applicant.external_id, "language": applicant.language}
    names = [name for name, value in changes.items() if before.get(name) != value]
    if not names:
        return
    after = _known({**before, **changes})
    applicant.personal_box = vault.seal_json(key, after, row=applicant.id, column=PERSONAL_COLUMN)
    applicant.external_id = changes.get("external_id", applicant.external_id)
    applicant.language = changes.get("language", applicant.language)
    applicant.version += 1
    applicant.updated_at = now()
    await session.flush()
    await tell(session, actor, applicant, "updated", changes={"fields": names})


async def mask_number(
    session: AsyncSession, actor: Actor, applicant_id: UUID, *, country: str | None = ANY_RULE
) -> None:
    """Mask the number that was declared of an applicant: a document showed under which rule it is, or `country` did.

    Locks the applicant; nothing is told when the number is masked already, or is no such number.
    """
    actor.require(Permission.SYSTEM)
    applicant = await locked(session, actor, applicant_id)
    key = (await vault.data_keys(session, {applicant.id})).get(applicant.id)
    known = vault.open_json(key, applicant.personal_box, row=applicant.id, column=PERSONAL_COLUMN)
    if key is None or not known or not _rule(known, country):
        return
    told = _masked(applicant, known, country)
    applicant.personal_box = vault.seal_json(key, told, row=applicant.id, column=PERSONAL_COLUMN)
    applicant.version += 1
    applicant.updated_at = now()
    await session.flush()
    await tell(session, actor, applicant, "updated", changes={"fields": ["document_number"]})


def _masked(
    applicant: Applicant, told: Mapping[str, Any], country: str | None, known: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """Mask a number that must not be kept, and note by which keyed hash its documents are found."""
    changes, number = dict(told), told.get("document_number")
    if "document_number" not in changes or number == known.get("document_number"):
        return changes
    applicant.number_token = None
    if number and _rule({**known, **changes}, country):
        changes["document_number"] = masking_rules.masked(number)
        applicant.number_token = search_tokens.number_hash(applicant.partner_id, number, livemode=applicant.livemode)
    return changes


def _rule(told: Mapping[str, Any], country: str | None) -> masking_rules.Rule | None:
    """Find the rule that a declared number is under; one that is masked already is under none."""
    said = (None, None) if country == ANY_RULE else (country, told.get("nationality"))
    return masking_rules.declared_under(told.get("document_number") or "", *said)


def _known(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the names that say something."""
    return {name: given[name] for name in PERSONAL_NAMES if given.get(name) is not None}


async def personal(session: AsyncSession, applicants: Iterable[Applicant]) -> dict[UUID, dict[str, Any]]:
    """Open what is known of several applicants; an erased one has nothing.

    The caller has asked for `personal:read` and writes the audit entry.
    """
    rows = list(applicants)
    keys = await vault.data_keys(session, {row.id for row in rows})
    return {
        row.id: vault.open_json(keys.get(row.id), row.personal_box, row=row.id, column=PERSONAL_COLUMN) or {}
        for row in rows
    }


async def languages(session: AsyncSession, applicant_ids: Collection[UUID]) -> dict[UUID, str | None]:
    """Read what several applicants read."""
    if not applicant_ids:
        return {}
    statement = select(col(Applicant.id), col(Applicant.language)).where(col(Applicant.id).in_(list(applicant_ids)))
    return {row.id: row.language for row in await session.execute(statement)}


async def shown(session: AsyncSession, actor: Actor, rows: Iterable[Applicant]) -> dict[UUID, dict[str, Any]]:
    """Open what this actor may read of several applicants, and write down that it was read."""
    names = [name for name in PERSONAL_NAMES if name not in actor.denied_attributes]
    read = [row for row in rows if row.personal_box is not None]
    if not (read and names and actor.can(Permission.PERSONAL_READ)):
        return {}
    await audit.record(
        session,
        actor,
        "applicant.personal_read",
        subject_type="applicant",
        subject_id=read[0].id if len(read) == 1 else None,
        partner_id=read[0].partner_id,
        changes={"applicant_ids": [public_id(Prefix.APPLICANT, row.id) for row in read]},
    )
    opened = await personal(session, read)
    return {key: {name: known[name] for name in names if name in known} for key, known in opened.items()}


async def tell(
    session: AsyncSession, actor: Actor, applicant: Applicant, what: str, *, changes: dict[str, object] | None = None
) -> None:
    """Write the audit entry and the event of a change; both name fields, never what they say."""
    data: dict[str, object] = {
        "id": public_id(Prefix.APPLICANT, applicant.id),
        "object": "applicant",
        "external_id": applicant.external_id,
        "version": applicant.version,
    }
    await audit.record(
        session,
        actor,
        f"applicant.{what}",
        subject_type="applicant",
        subject_id=applicant.id,
        partner_id=applicant.partner_id,
        changes=changes,
    )
    subject = events.Subject("applicant", applicant.id, applicant.partner_id, applicant.livemode, data)
    await events.emit(session, actor, f"applicant.{what}", subject)
