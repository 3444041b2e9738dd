"""The evidence pack as it is printed: what the partner was told and shown, and nothing that only reviewers know."""

from collections.abc import Mapping
from uuid import UUID

from backoffice.adapters.case_pdf import Jpeg, Section, Sheet
from backoffice.models.base import Prefix, public_id
from backoffice.models.evidence_packs import EvidencePack
from backoffice.models.review_tasks import DeciderType
from backoffice.viewmodels.annotations import MarksView
from backoffice.viewmodels.case_files import Part, at, checks, fields, files, pictures, table, utc
from backoffice.viewmodels.times import NOTHING
from backoffice.viewmodels.words import document_kind, plain
from backoffice.viewmodels.workspaces import full_name

WITHOUT = "This pack holds no personal data: nobody had said what it is needed for."
DECIDERS = {
    DeciderType.REVIEWER: "A reviewer",
    DeciderType.POLICY: "A policy",
    DeciderType.SIMULATION: "The sandbox",
}


def sheet(pack: EvidencePack, jpegs: Mapping[UUID, Jpeg]) -> Sheet:
    """Lay a pack out; `jpegs` holds the pictures that could be opened, by rendition."""
    case = pack.case
    document, name = case.document, public_id(Prefix.DOCUMENT, case.document.id)
    personal = [
        Section("Pictures", pictures(case, MarksView(), jpegs)),
        Section("Fields", fields(case)),
    ]
    sections = [
        Section("Decision", _decision(pack)),
        *(personal if pack.has_personal else [Section("Personal data", [WITHOUT])]),
        Section("Checks", checks(case)),
        Section("Original files", files(case)),
        Section("Events", _events(pack)),
    ]
    made = f"{name} · made by {case.made_by} at {utc(case.made_at)}"
    kind = document_kind(document.type, document.issuing_country)
    return Sheet("Evidence pack", kind, _facts(pack, name), sections, made, case.made_at)


def _facts(pack: EvidencePack, name: str) -> list[tuple[str, str]]:
    case, document = pack.case, pack.case.document
    read = {field: one["value"] for field, one in case.extracted.items()}
    facts = [
        ("Document", name),
        ("Applicant", full_name(case.given) or full_name(read)),
        ("Applicant id", public_id(Prefix.APPLICANT, document.applicant_id)),
        ("Partner", case.partner if document.livemode else f"{case.partner} · test"),
        ("Reference", document.external_id or ""),
        ("Status", plain(document.status)),
        ("Attempt", f"{document.attempt} of {document.max_attempts}"),
        ("Received", utc(document.submitted_at)),
        ("Completed", utc(document.completed_at)),
        ("Tags", ", ".join(pack.tags)),
    ]
    return [(label, value) for label, value in facts if value and value != NOTHING]


def _decision(pack: EvidencePack) -> list[Part]:
    row = pack.decision
    if row is None or pack.case.document.completed_at is None:
        return ["Nothing has been decided yet."]
    reasons = "\n".join(pack.case.labels.get(code, plain(code)) for code in row.reasons)
    by = "\n".join(part for part in (DECIDERS[DeciderType(row.decided_by_type)], row.policy_version or "") if part)
    heads = ("At (UTC)", "Decision", "Reasons", "Decided by")
    return table(heads, (19, 20, 41, 20), [(at(row.created_at), plain(row.outcome), reasons or NOTHING, by)], "")


def _events(pack: EvidencePack) -> list[Part]:
    rows: list[tuple[str, ...]] = [
        (str(event.sequence), at(event.created_at), event.type, public_id(Prefix.EVENT, event.id))
        for event in pack.history
    ]
    return table(("No.", "At (UTC)", "Event", "Id"), (8, 20, 34, 38), rows, "Nothing has happened yet.")
