"""Exhibits: a document's pictures with everything that is drawn on them, for whoever reads its timeline."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.services import annotations, dossiers
from backoffice.services.access import Actor
from backoffice.services.annotations import Mark
from backoffice.services.dossiers import Dossier


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What screening read on the pages, and what reviewers marked on them."""

    dossier: Dossier
    marks: list[Mark] = field(repr=False)
    """As far as the reader may see them."""


async def read(session: AsyncSession, actor: Actor, document_id: UUID) -> Exhibit:
    """Read the pictures of one document; that its timeline was opened is written down there.

    Raises NotFound, and NotAllowed for who judges the document blind.
    """
    marks = await annotations.of_document(session, actor, document_id)
    return Exhibit(await dossiers.read(session, actor, document_id), marks)
