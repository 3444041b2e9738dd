"""Applicants: the end users; what we know of them stands sealed under their own data key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.db import insert
from backoffice.models.applicants import Applicant, DataKey
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.services import audit, events, vault
from backoffice.services.access import Actor, Permission, found

PERSONAL_COLUMN = "personal_box"
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


@dataclass(frozen=True, slots=True)
class Draft:
    """A new applicant with their data key, made before the transaction that keeps them."""

    applicant: Applicant
    key_row: DataKey
    key: bytes


async def draft(actor: Actor, personal: Mapping[str, Any], external_id: str | None = None) -> Draft:
    """Make an applicant and wrap their data key; nothing is kept before `add`."""
    partner_id, applicant_id = actor.require_partner(), new_id()
    key, key_row = await vault.make_key(partner_id, applicant_id)
    applicant = Applicant(
        id=applicant_id, partner_id=partner_id, livemode=bool(actor.livemode), external_id=external_id
    )
    known = {name: personal[name] for name in PERSONAL_NAMES if personal.get(name) is not None}
    applicant.personal_box = vault.seal_json(key, known, row=applicant_id, column=PERSONAL_COLUMN)
    return Draft(applicant, key_row, key)


async def add(session: AsyncSession, actor: Actor, draft_: Draft) -> Applicant:
    """Keep a new applicant together with their key, and tell of them."""
    await insert(session, draft_.applicant, draft_.key_row)
    await _tell(session, actor, draft_.applicant, "created")
    return draft_.applicant


async def get(session: AsyncSession, actor: Actor, applicant_id: UUID) -> Applicant:
    """Find one applicant that the actor may see.

    Raises NotFound for one that does not exist, of another partner or of the other mode.
    """
    actor.require(Permission.APPLICANTS_READ)
    return await find(session, actor, applicant_id)


async def find(session: AsyncSession, actor: Actor, applicant_id: UUID) -> Applicant:
    """Find one applicant of the actor's partner and mode, for a service that has asked for its own permission."""
    statement = select(Applicant).where(col(Applicant.id) == applicant_id)
    if not actor.is_staff:
        statement = statement.where(col(Applicant.partner_id) == actor.partner_id)
    if actor.livemode is not None:
        statement = statement.where(col(Applicant.livemode) == actor.livemode)
    return found((await session.execute(statement)).scalar_one_or_none(), "applicant")


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


async def _tell(session: AsyncSession, actor: Actor, applicant: Applicant, what: str) -> None:
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
    )
    subject = events.Subject("applicant", applicant.id, applicant.partner_id, applicant.livemode, data)
    await events.emit(session, actor, f"applicant.{what}", subject)
