"""Marks as a reviewer sees them: on the picture, and as a list beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backoffice.models.annotations import Annotation
from backoffice.models.documents import File, Side
from backoffice.viewmodels.words import SIDES, plain
from backoffice.viewmodels.workspaces import BoxView

TONE = "red"
Marked = tuple[Annotation, str, str, UUID | None]
"""A mark, who made it, its note, and the picture on which it is drawn."""


@dataclass(frozen=True)
class MarkView:
    """One mark; `id` also names its box on the picture."""

    id: str
    label: str
    box: list[float]
    tone: str = TONE
    title: str = ""
    place: str = ""
    picture: str = ""
    note: str = ""
    reason: str = ""
    reason_label: str = ""
    by: str = ""
    is_mine: bool = False


@dataclass(frozen=True)
class MarksView:
    """All marks of a document, and the same by the picture on which they are drawn."""

    rows: list[MarkView] = field(default_factory=list)
    drawn: dict[str, list[MarkView]] = field(default_factory=dict)


def marks_view(
    marks: Sequence[Marked], files: Mapping[UUID, File], labels: Mapping[str, str], me: UUID | None
) -> MarksView:
    """Give each mark a number, in the order in which they were made."""
    rows = [_mark_view(number, one, files, labels, me) for number, one in enumerate(marks, 1)]
    drawn: dict[str, list[MarkView]] = {}
    for row in rows:
        drawn.setdefault(row.picture, []).append(row)
    return MarksView(rows, drawn)


def _mark_view(
    number: int, mark: Marked, files: Mapping[UUID, File], labels: Mapping[str, str], me: UUID | None
) -> MarkView:
    row, by, note, picture_id = mark
    title = f"Mark {number}"
    reason = labels.get(row.reason, plain(row.reason)) if row.reason else ""
    file = files.get(row.file_id)
    side = SIDES.get(file.side, plain(file.side)) if file else SIDES[Side.PAGE]
    place = f"{side} {row.page + 1}" if file and file.pages > 1 else side
    return MarkView(
        id=str(row.id),
        label=": ".join(part for part in (title, reason or note) if part),
        box=list(row.box),
        title=title,
        place=place,
        picture=str(picture_id or ""),
        note=note,
        reason=row.reason or "",
        reason_label=reason,
        by=by,
        is_mine=row.member_id == me,
    )


def area_view(key: str, number: int, box: Sequence[float]) -> BoxView:
    """Show an area that is to be blackened and is no mark."""
    return BoxView(key, f"Area {number}", list(box), TONE)
