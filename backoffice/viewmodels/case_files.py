"""The case file as it is printed: the words of the screens in sections, oldest first where time matters."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from backoffice.adapters.case_pdf import Jpeg, Picture, Section, Sheet, Table
from backoffice.models.base import Prefix, public_id
from backoffice.models.case_files import CaseFile
from backoffice.models.documents import File
from backoffice.viewmodels.annotations import MarksView, marks_view
from backoffice.viewmodels.reopenings import past_view, question_view
from backoffice.viewmodels.review_timelines import decision_rows, entry_row
from backoffice.viewmodels.times import NOTHING
from backoffice.viewmodels.words import SIDES, document_kind, plain
from backoffice.viewmodels.workspaces import check_view, field_rows, full_name

MATCHES = {"match": "Match", "partial": "Partly", "mismatch": "Differs", "missing": "Not found"}
TRAIL = "Entry numbers are those of the audit trail, which also keeps who downloaded this file, and its SHA-256."
Part = str | Table | Picture


def sheet(case: CaseFile, jpegs: Mapping[UUID, Jpeg]) -> Sheet:
    """Lay a case out; `jpegs` holds the pictures that could be opened, by rendition."""
    document = case.document
    marks = marks_view(case.marks, {file.id: file for file in case.files}, case.labels, None)
    kind = document_kind(document.type, document.issuing_country)
    name = public_id(Prefix.DOCUMENT, document.id)
    made = f"{name} · made by {case.made_by} at {utc(case.made_at)}"
    sections = [
        Section("Pictures", pictures(case, marks, jpegs)),
        Section("Original files", files(case)),
        Section("Fields", fields(case)),
        Section("Checks", checks(case)),
        Section("Decisions", _decisions(case)),
        Section("Looked at again", _past(case)),
        Section("Questions to the partner", _questions(case)),
        Section("Timeline", _timeline(case)),
    ]
    return Sheet("Case file", kind, _facts(case, name), sections, made, case.made_at)


def at(moment: datetime | None) -> str:
    """Write a time as the file prints it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else NOTHING


def utc(moment: datetime | None) -> str:
    """Write a time that stands alone."""
    return f"{at(moment)} UTC" if moment else NOTHING


def _facts(case: CaseFile, name: str) -> list[tuple[str, str]]:
    document = case.document
    read = {field: one["value"] for field, one in case.extracted.items()}
    facts = [
        ("Document", name),
        ("Applicant", full_name(case.given) or full_name(read) or "Unnamed"),
        ("Applicant id", public_id(Prefix.APPLICANT, document.applicant_id)),
        ("Partner", case.partner if document.livemode else f"{case.partner} · test"),
        ("Reference", document.external_id or ""),
        ("Status", plain(document.status)),
        ("Attempt", f"{document.attempt} of {document.max_attempts}"),
        ("Received", utc(document.submitted_at)),
        ("Completed", utc(document.completed_at)),
    ]
    return [(label, value) for label, value in facts if value and value != NOTHING]


def pictures(case: CaseFile, marks: MarksView, jpegs: Mapping[UUID, Jpeg]) -> list[Part]:
    """Print the pictures, and what is marked on them."""
    numbers = {row.id: number for number, row in enumerate(marks.rows, 1)}
    named = {file.id: file for file in case.files}
    parts: list[Part] = []
    for row in case.renditions:
        file = named[row.file_id]
        side = SIDES.get(file.side, plain(file.side))
        title = f"{side}, page {row.page + 1} of {file.pages}" if file.pages > 1 else side
        drawn = [(numbers[mark.id], mark.box) for mark in marks.drawn.get(str(row.id), [])]
        jpeg = jpegs.get(row.id)
        parts.append(Picture(title, jpeg, drawn) if jpeg else f"{title}: this picture is not printed here.")
    if not parts:
        parts.append("There is no picture of this document.")
    rows = [
        (str(numbers[mark.id]), mark.place, mark.reason_label or NOTHING, mark.note or NOTHING, mark.by)
        for mark in marks.rows
    ]
    marked = Table(("Mark", "Where", "Reason", "Note", "By"), (8, 12, 25, 40, 15), rows)
    return [*parts, marked if rows else "Nothing is marked."]


def table(heads: tuple[str, ...], widths: tuple[int, ...], rows: list[tuple[str, ...]], nothing: str) -> list[Part]:
    """Print rows, or what stands there without any."""
    return [Table(heads, widths, rows) if rows else nothing]


def fields(case: CaseFile) -> list[Part]:
    """Print what was read beside what was given."""
    rows = [
        (row.label, row.document or NOTHING, row.given or NOTHING, MATCHES.get(row.match, NOTHING))
        for row in field_rows(case.given, case.extracted)
    ]
    heads = ("Field", "On the document", "Given by the applicant", "Match")
    return table(heads, (20, 33, 33, 14), list(rows), "Nothing was read and nothing was given.")


def checks(case: CaseFile) -> list[Part]:
    """Print what screening found."""
    views = [check_view(check, words) for check, words in case.checks]
    rows = [(one.label, plain(one.status), one.score or NOTHING, one.words or NOTHING, one.engine) for one in views]
    heads = ("Check", "Result", "Score, threshold", "What was found", "Model, duration")
    return table(heads, (18, 11, 15, 34, 22), list(rows), "Screening has found nothing yet.")


def _decisions(case: CaseFile) -> list[Part]:
    views = decision_rows([(decision, signers) for decision, signers, _, _ in case.decisions], case.labels)
    rows: list[tuple[str, ...]] = []
    for view, (decision, _, note, message) in zip(views, case.decisions, strict=True):
        outcome = plain(view.outcome) if view.is_in_force else f"{plain(view.outcome)} (superseded)"
        texts = [f"Note: {note}" if note else "", f"To the applicant: {message}" if message else ""]
        said = "\n".join(part for part in (view.reasons, *texts) if part)
        by = "\n".join(part for part in (view.by, view.policy) if part)
        rows.append((at(decision.created_at), outcome, said or NOTHING, by))
    heads = ("At (UTC)", "Decision", "Reasons", "Signed by")
    return table(heads, (19, 20, 41, 20), rows[::-1], "Nothing has been decided yet.")


def _past(case: CaseFile) -> list[Part]:
    rows: list[tuple[str, ...]] = []
    for row, decision, why, by in case.past[::-1]:
        view = past_view(row, decision, why, by, case.labels)
        rows.append((at(row.created_at), view.title, view.why, view.decision, plain(view.result or "open")))
    heads = ("At (UTC)", "What", "Why", "Decision in question", "Result")
    return table(heads, (19, 22, 27, 20, 12), rows, "No decision was looked at again.")


def _questions(case: CaseFile) -> list[Part]:
    rows: list[tuple[str, ...]] = []
    for row, text, answer in case.questions:
        view = question_view(row, text, answer)
        rows.append((at(row.created_at), view.text, view.answer or plain(view.state), at(row.closed_at)))
    return table(
        ("Asked (UTC)", "Question", "Answer", "Closed (UTC)"), (19, 31, 31, 19), rows, "The partner was not asked."
    )


def _timeline(case: CaseFile) -> list[Part]:
    name = public_id(Prefix.DOCUMENT, case.document.id)
    rows: list[tuple[str, ...]] = []
    for entry, changes in case.entries:
        view = entry_row(entry, changes, case.labels)
        who = f"{view.who}\n{view.kind}" if view.who else view.kind
        evidence = "; ".join(f"{one.name}: {one.value}" for one in view.evidence if one.value != name)
        rows.append((str(entry.sequence), at(entry.created_at), view.words, who, evidence or NOTHING))
    heads = ("Entry", "At (UTC)", "What happened", "By", "Evidence")
    parts = table(heads, (8, 19, 22, 17, 34), rows, "Nothing has happened yet.")
    cut = [f"Only the newest {len(rows)} entries are printed."] if case.is_cut else []
    return [*parts, *cut, TRAIL]


def _kind(file: File) -> str:
    return f"{file.mime_type}, masked" if file.is_masked else file.mime_type


def files(case: CaseFile) -> list[Part]:
    """Print the files as they were sent, by their hashes."""
    rows: list[tuple[str, ...]] = [
        (SIDES.get(file.side, plain(file.side)), _kind(file), f"{file.bytes:,}", file.sha256) for file in case.files
    ]
    return table(("File", "Kind", "Bytes", "SHA-256"), (10, 16, 12, 62), rows, "No file was sent.")
