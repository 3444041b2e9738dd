"""Texts of bulk actions: one note and one message for many decisions, sealed until the action ends and then forgotten.

Each decision keeps its own, under its applicant's key. Here they belong to no applicant, so that the action has a key
of its own.
"""

from dataclasses import dataclass, field
from uuid import UUID

from backoffice.adapters import cipher, kms
from backoffice.models.bulk_actions import BulkAction
from backoffice.services import vault
from backoffice.settings import DEFAULT_REGION

COLUMN = "texts_box"


@dataclass(frozen=True, slots=True)
class Texts:
    """What is written with each decision: the note stays with the team, the message goes to the applicant."""

    note: str = field(default="", repr=False)
    message: str = field(default="", repr=False)


def _context(action_id: UUID) -> dict[str, str]:
    return {"bulk_action_id": str(action_id)}


async def keep(action: BulkAction, texts: Texts) -> None:
    """Seal what is to be written with each decision; nothing when nothing is."""
    if not (texts.note or texts.message):
        return
    key = cipher.new_key()
    action.texts_key = await kms.key_encryption(DEFAULT_REGION).wrap(key, _context(action.id))
    value = {"note": texts.note, "message": texts.message}
    action.texts_box = vault.seal_json(key, value, row=action.id, column=COLUMN)


async def read(action: BulkAction) -> Texts:
    """Open what is to be written with each decision."""
    if action.texts_key is None:
        return Texts()
    key = await kms.key_encryption(DEFAULT_REGION).unwrap(action.texts_key, _context(action.id))
    return Texts(**vault.open_json(key, action.texts_box, row=action.id, column=COLUMN))


def forget(action: BulkAction) -> None:
    """Throw the texts away, and their key."""
    action.texts_key = action.texts_box = None
