"""Related documents as a reviewer chooses among them."""

from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.i18n import N_, gettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Document, Rendition
from backoffice.viewmodels.times import iso
from backoffice.viewmodels.words import SIDES, document_kind, plain

TIES = {
    "replaced": N_("Replaced by this one"),
    "applicant": N_("Same applicant"),
    "duplicate": N_("Another applicant, same data"),
}


@dataclass(frozen=True)
class RelatedRow:
    """One related document."""

    id: str
    title: str
    tie: str
    status: str
    at: str
    href: str
    first: str
    """What the comparison calls its first picture; empty when it has none."""


@dataclass(frozen=True)
class Choice:
    """One picture that can stand beside the shown one: `page:` and its id, or its document's id and its place."""

    value: str
    label: str


def related_row(document: Document, tie: str, pictures: int) -> RelatedRow:
    """Show one related document."""
    document_id = public_id(Prefix.DOCUMENT, document.id)
    return RelatedRow(
        id=document_id,
        title=document_kind(document.type, document.issuing_country),
        tie=gettext(TIES[tie]),
        status=document.status,
        at=iso(document.created_at),
        href=f"/review/documents/{document_id}",
        first=f"{document_id}:0" if pictures else "",
    )


def choices(row: RelatedRow, pictures: Sequence[tuple[Rendition, str, int]]) -> list[Choice]:
    """Offer the pictures of a related document."""
    return [
        Choice(f"{row.id}:{place}", _choice(row, _side(picture, side, pages)))
        for place, (picture, side, pages) in enumerate(pictures)
    ]


def _choice(row: RelatedRow, side: str) -> str:
    return gettext("{tie}: {title}, {side}", tie=row.tie, title=row.title, side=side)


def _side(picture: Rendition, side: str, pages: int) -> str:
    name = gettext(SIDES.get(side, plain(side))).lower()
    return f"{name} {picture.page + 1}" if pages > 1 else name
