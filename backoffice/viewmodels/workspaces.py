"""What the review workspace shows: pages with boxes, fields three ways, checks with what is unresolved first."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from backoffice.i18n import gettext
from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Check, Document, File, Rendition, RenditionKind
from backoffice.models.reasons import Reason
from backoffice.models.review_tasks import ReviewTask, TaskStatus
from backoffice.screening.names import similarity
from backoffice.screening.thresholds import NAME_MATCH
from backoffice.viewmodels.check_words import check_name, finding_words
from backoffice.viewmodels.reopenings import PastView, QuestionView
from backoffice.viewmodels.review_tasks import urgency
from backoffice.viewmodels.times import due_in, iso
from backoffice.viewmodels.words import FIELDS, SIDES, document_kind, fixed, plain

UNRESOLVED = ("failed", "error", "warning")
"""In the order in which a reviewer wants them."""
NAMES = frozenset({"full_name", "given_names", "surname", "father_name"})
DUE_TONES = {"ok": "gray", "soon": "amber", "late": "red"}
TONES = {"mismatch": "red", "partial": "amber"}
Link = Callable[[Rendition], str]


@dataclass(frozen=True)
class BoxView:
    """A place on a page, as fractions of it; `id` is the field's name or `check-` and the check's."""

    id: str
    label: str
    box: list[float]
    tone: str = ""


@dataclass(frozen=True)
class PageView:
    """One picture of the document with what can be lit up on it."""

    id: str = ""
    label: str = ""
    src: str = ""
    thumbnail: str = ""
    heat: str = ""
    """What saving again changes, as a picture; empty where none was drawn."""
    boxes: list[BoxView] = field(default_factory=list)


@dataclass(frozen=True)
class FieldView:
    """One value as the document, the applicant and the machine-readable zone have it."""

    name: str
    label: str
    document: str
    given: str
    mrz: str
    match: str
    """match, partial, mismatch, missing, or empty where there is nothing to compare."""


@dataclass(frozen=True)
class CheckView:
    """One check with its number and its sentence."""

    name: str
    label: str
    status: str
    score: str
    words: str
    engine: str
    """Model, version and how long it took."""


@dataclass(frozen=True)
class ReasonView:
    """One reason as the picker shows it."""

    code: str
    label: str
    category: str
    applicant_message: str
    needs_note: bool


@dataclass(frozen=True)
class DeskView:
    """One task on the reviewer's desk; `notice` says why it cannot be decided here and now."""

    task_id: str = ""
    document_id: str = ""
    version: int = 0
    name: str = ""
    reference: str = ""
    partner: str = ""
    kind: str = ""
    attempt: str = ""
    due: str = ""
    due_tone: str = "gray"
    why: str = ""
    lease_ends: str = ""
    notice: str = ""
    is_mine: bool = False
    can_claim: bool = False
    is_last_attempt: bool = False
    pages: list[PageView] = field(default_factory=list)
    rows: list[FieldView] = field(default_factory=list)
    unresolved: list[CheckView] = field(default_factory=list)
    passed: list[CheckView] = field(default_factory=list)
    reasons: list[ReasonView] = field(default_factory=list)
    language: str = "English"
    """What the applicant reads; messages are in it."""
    language_code: str = "en"
    past: list[PastView] = field(default_factory=list)
    """Why it is looked at again, newest first."""
    questions: list[QuestionView] = field(default_factory=list)


@dataclass(frozen=True)
class UndoView:
    """The verdict that can still be taken back; empty when there is none."""

    verdict_id: str = ""
    task_id: str = ""
    name: str = ""
    said: str = ""
    """What became of whom is named."""
    until: str = ""


def desk(  # noqa: PLR0913 a desk joins what many tables know
    task: ReviewTask,
    document: Document,
    *,
    partner: str,
    given: Mapping[str, Any],
    extracted: Mapping[str, Mapping[str, Any]],
    checks: Sequence[tuple[Check, str]],
    files: Sequence[File],
    renditions: Sequence[Rendition],
    reasons: Sequence[Reason],
    notice: str,
    link: Link,
    at: datetime,
    ahead: timedelta = timedelta(),
) -> DeskView:
    """Lay one task out for its reviewer."""
    rows = field_rows(given, extracted)
    views = [check_view(check, words) for check, words in checks]
    found = boxes(extracted, checks, {row.name: row for row in rows})
    document_id = public_id(Prefix.DOCUMENT, document.id)
    return DeskView(
        task_id=public_id(Prefix.REVIEW_TASK, task.id),
        document_id=document_id,
        version=task.version,
        name=full_name(given) or full_name({name: one["value"] for name, one in extracted.items()}) or "Unnamed",
        reference=document.external_id or document_id,
        partner=partner if document.livemode else f"{partner} · test",
        kind=document_kind(document.type, document.issuing_country),
        attempt=f"Attempt {document.attempt} of {document.max_attempts}" if document.attempt > 1 else "",
        due=due_in(task.due_at, at + ahead),
        due_tone=DUE_TONES[urgency(task.due_at, at + ahead)],
        why=task.why,
        lease_ends=iso(task.claim_expires_at),
        notice=notice,
        is_mine=not notice,
        can_claim=bool(notice) and _is_free(task, at),
        is_last_attempt=document.attempt >= document.max_attempts,
        pages=pages(files, renditions, found, link, has_heat=True),
        rows=rows,
        unresolved=_unresolved(checks, task.flags),
        passed=[one for one in views if one.status not in UNRESOLVED],
        reasons=[reason_view(row) for row in reasons],
    )


def _unresolved(checks: Sequence[tuple[Check, str]], flags: Sequence[str]) -> list[CheckView]:
    """List what did not pass: first what the task says first, then the worst."""
    places = {flag: place for place, flag in enumerate(flags)}
    open_ = [(check, words) for status in UNRESOLVED for check, words in checks if check.status == status]
    last = len(places)
    open_.sort(key=lambda one: min((places.get(code, last) for code in one[0].reasons or (one[0].name,)), default=last))
    return [check_view(check, words) for check, words in open_]


def _is_free(task: ReviewTask, at: datetime) -> bool:
    is_open = task.verdict_id is None and task.status != TaskStatus.COMPLETED
    return is_open and (task.claim_expires_at is None or task.claim_expires_at <= at)


def in_language(view: DeskView, language: tuple[str, str], messages: Mapping[str, str]) -> DeskView:
    """Show the reasons with what the applicant reads of them; `language` is its code and its name."""
    reasons = [replace(one, applicant_message=messages.get(one.code, one.applicant_message)) for one in view.reasons]
    return replace(view, reasons=reasons, language_code=language[0], language=language[1])


def reason_view(row: Reason) -> ReasonView:
    """Show one reason to choose."""
    return ReasonView(row.code, row.label, row.category, row.applicant_message, row.needs_note)


def full_name(values: Mapping[str, Any]) -> str:
    """Write a name as people say it."""
    parts = " ".join(str(values[name]) for name in ("given_names", "surname") if values.get(name))
    return str(values.get("full_name") or parts)


def field_rows(
    given: Mapping[str, Any], extracted: Mapping[str, Mapping[str, Any]], *, is_hidden: bool = False
) -> list[FieldView]:
    """Put every known value side by side; fields that nobody filled stay away. Masked values are not compared."""
    rows = _rows(given, extracted)
    return [replace(row, match="") for row in rows] if is_hidden else rows


def _rows(given: Mapping[str, Any], extracted: Mapping[str, Mapping[str, Any]]) -> list[FieldView]:
    told = dict(given)
    if told.get("full_name") is None and "full_name" in extracted:
        told["full_name"] = full_name(given) or None
    return [
        _field_row(name, gettext(label), extracted.get(name, {}), told.get(name))
        for name, label in FIELDS.items()
        if extracted.get(name) or (told.get(name) and name not in {"given_names", "surname"}) or _is_asked(name, told)
    ]


def _is_asked(name: str, told: Mapping[str, Any]) -> bool:
    return name in {"given_names", "surname"} and bool(told.get(name)) and not told.get("full_name")


def _field_row(name: str, label: str, read: Mapping[str, Any], given: object) -> FieldView:
    value = str(read.get("value") or "")
    is_zone = read.get("source") == "mrz"
    said = _words(given)
    return FieldView(
        name=name,
        label=label,
        document=value,
        given=said,
        mrz=value if is_zone else "",
        match=compare(name, value, said),
    )


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, object]", value)
        return ", ".join(str(part) for part in parts.values() if part)
    return str(value) if value else ""


def compare(name: str, read: str, given: str) -> str:
    """Say how a value on the document stands to the given one; names by the screening's own matcher."""
    if not given:
        return ""
    if not read:
        return "missing"
    if name in NAMES:
        status = NAME_MATCH.evaluate(similarity(read, given))
        return {"passed": "match", "warning": "partial"}.get(status, "mismatch")
    return "match" if _bare(read) == _bare(given) else "mismatch"


def _bare(value: str) -> str:
    return re.sub(r"[\W_]", "", value).casefold()


def check_view(check: Check, words: str) -> CheckView:
    """Say what a check found, with its score against its threshold."""
    engine = f"{check.model}, {check.duration_ms} ms"
    return CheckView(check.name, check_name(check.name), check.status, _score(check), finding_words(words), engine)


def _score(check: Check) -> str:
    if check.score is None or check.threshold is None:
        return ""
    sign = "≥" if check.score >= check.threshold else "<"
    digits = 2 if check.threshold <= 1 else 0
    return f"{fixed(check.score, digits)} {sign} {fixed(check.threshold, digits)}"


Found = Mapping[tuple[str, int], list[BoxView]]


def boxes(
    extracted: Mapping[str, Mapping[str, Any]],
    checks: Sequence[tuple[Check, str]],
    rows: Mapping[str, FieldView],
) -> Found:
    """Group by file and page what can be lit up there."""
    found: dict[tuple[str, int], list[BoxView]] = {}
    for name, one in extracted.items():
        if one.get("box") and one.get("file_id"):
            tone = TONES.get(rows[name].match if name in rows else "", "")
            view = BoxView(name, _box_label(name, one["value"]), list(one["box"]), tone)
            found.setdefault((str(one["file_id"]), int(one.get("page") or 0)), []).append(view)
    for check, _ in checks:
        if check.box and check.file_id and check.status in UNRESOLVED:
            view = BoxView(f"check-{check.name}", check_name(check.name), list(check.box), "red")
            found.setdefault((str(check.file_id), check.page), []).append(view)
    return found


def _box_label(name: str, value: object) -> str:
    return gettext("{field}: {value}", field=gettext(FIELDS.get(name, plain(name))), value=value)


def pages(
    files: Sequence[File], renditions: Sequence[Rendition], found: Found, link: Link, *, has_heat: bool = False
) -> list[PageView]:
    """Line up the pictures in the order in which they were sent; only reviewers get the heat-maps."""
    named = {file.id: gettext(SIDES.get(file.side, plain(file.side))) for file in files}
    heat = {(row.file_id, row.page): row for row in renditions if has_heat and row.kind == RenditionKind.FORENSICS}
    small = {(row.file_id, row.page): row for row in renditions if row.kind == RenditionKind.THUMBNAIL}
    return [
        PageView(
            id=str(row.id),
            label=_page_label(row, named, files),
            src=link(row),
            thumbnail=link(small.get((row.file_id, row.page), row)),
            heat=link(hot) if (hot := heat.get((row.file_id, row.page))) else "",
            boxes=found.get((str(row.file_id), row.page), []),
        )
        for row in renditions
        if row.kind == RenditionKind.VIEW
    ]


def _page_label(row: Rendition, named: Mapping[UUID, str], files: Sequence[File]) -> str:
    many = any(file.id == row.file_id and file.pages > 1 for file in files)
    name = named.get(row.file_id) or gettext("Page")
    return f"{name} {row.page + 1}" if many else name


def page_of(view: DeskView, box_id: str) -> int:
    """Find the page on which a box stands; -1 when it stands on none."""
    places = (index for index, page in enumerate(view.pages) if any(box.id == box_id for box in page.boxes))
    return next(places, -1)
