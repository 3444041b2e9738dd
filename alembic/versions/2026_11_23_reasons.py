"""The catalogue of reasons."""

import sqlalchemy as sa
from alembic import op

revision = "reasons"
down_revision = "guards"
branch_labels = None
depends_on = None

# code, category, label, retryable, severity, internal_only, needs_note, what the applicant reads
CATALOGUE = (
    ("image_blurred", "quality", "Image is blurred", True, 2, False, False, "The picture is not sharp. Hold the camera still and take it again."),
    ("image_glare", "quality", "Glare hides content", True, 2, False, False, "Light reflects on the document. Tilt it a little and take the picture again."),
    ("image_too_dark", "quality", "Image is too dark", True, 2, False, False, "The picture is too dark. Take it again in better light."),
    ("document_cut_off", "quality", "Document is cut off", True, 2, False, False, "A part of the document is missing. Fit all four corners in the picture."),
    ("document_obscured", "quality", "Something covers the document", True, 2, False, False, "Something covers the document. Keep fingers and objects off it."),
    ("document_damaged", "quality", "Document is damaged", True, 2, False, False, "The document is damaged. Please send another document."),
    ("side_missing", "completeness", "A side is missing", True, 2, False, False, "One side is missing. Please send both sides."),
    ("wrong_side", "completeness", "Wrong side", True, 2, False, False, "This is not the side that we asked for. Please send the other side."),
    ("no_document_found", "completeness", "No document in the image", True, 2, False, False, "We found no document in the picture. Please take it again."),
    ("multiple_documents", "completeness", "Several documents in one image", True, 2, False, False, "There is more than one document in the picture. Please send one at a time."),
    ("password_protected", "completeness", "File is password protected", True, 2, False, False, "The file asks for a password. Please send it without one."),
    ("document_type_mismatch", "eligibility", "Another document type than declared", True, 3, False, False, "This is another kind of document than the one you chose."),
    ("document_type_not_supported", "eligibility", "Document type not supported", True, 3, False, False, "We cannot accept this kind of document. Please send another one."),
    ("country_not_supported", "eligibility", "Country not supported", False, 3, False, False, "We cannot accept documents of this country."),
    ("document_expired", "eligibility", "Document has expired", True, 3, False, False, "The document has expired. Please send a valid one."),
    ("under_age", "eligibility", "Applicant is under age", False, 4, False, False, "You are not old enough for this service."),
    ("data_not_readable", "data", "Data cannot be read", True, 2, False, False, "We cannot read the document. Please take a clearer picture."),
    ("mrz_invalid", "data", "MRZ check digits are wrong", True, 4, False, False, "The machine-readable lines cannot be read. Please take a clearer picture."),
    ("barcode_unreadable", "data", "Barcode cannot be read", True, 2, False, False, "The barcode cannot be read. Please take a clearer picture."),
    ("data_inconsistent", "data", "Data on the document disagrees", False, 4, False, False, "The data on the document does not fit together."),
    ("name_mismatch", "data", "Name differs from the given one", True, 3, False, False, "The name on the document differs from the one you gave us."),
    ("dob_mismatch", "data", "Birth date differs from the given one", True, 3, False, False, "The birth date on the document differs from the one you gave us."),
    ("id_number_mismatch", "data", "Document number differs from the given one", True, 3, False, False, "The document number differs from the one you gave us."),
    ("address_mismatch", "data", "Address differs from the given one", True, 3, False, False, "The address on the document differs from the one you gave us."),
    ("screenshot", "originality", "Screenshot", True, 3, False, False, "This is a screenshot. Please photograph the document itself."),
    ("photo_of_screen", "originality", "Photo of a screen", True, 3, False, False, "This is a picture of a screen. Please photograph the document itself."),
    ("printed_copy", "originality", "Printed copy", True, 3, False, False, "This is a copy. Please photograph the original document."),
    ("tampering_suspected", "fraud", "Tampering suspected", False, 5, True, False, "We could not accept this document."),
    ("forgery", "fraud", "Forgery", False, 5, True, False, "We could not accept this document."),
    ("template_mismatch", "fraud", "Does not match the genuine template", False, 5, True, False, "We could not accept this document."),
    ("portrait_manipulated", "fraud", "Portrait was manipulated", False, 5, True, False, "We could not accept this document."),
    ("duplicate_document", "fraud", "Document already used", False, 5, True, False, "We could not accept this document."),
    ("duplicate_applicant", "fraud", "Applicant already known under another name", False, 5, True, False, "We could not accept this document."),
    ("blocklisted", "fraud", "On the block list", False, 5, True, False, "We could not accept this document."),
    ("compromised_document", "fraud", "Document reported lost or stolen", False, 5, True, False, "We could not accept this document."),
    ("face_mismatch", "biometric", "Face differs from the portrait", True, 4, False, False, "Your selfie does not match the portrait on the document."),
    ("face_not_detected", "biometric", "No face found", True, 2, False, False, "We found no face in the picture. Please take it again."),
    ("multiple_faces", "biometric", "Several faces found", True, 2, False, False, "There is more than one face in the picture. Please take it alone."),
    ("check_unavailable", "technical", "A check could not run", True, 2, False, False, "We could not check the document. Please send it again."),
    ("resubmission_limit_exceeded", "process", "Too many attempts", False, 3, False, False, "The number of attempts is used up."),
    ("abandoned", "process", "Abandoned by the applicant", True, 1, False, False, "The check was not finished in time."),
    ("other", "process", "Other (needs a note)", True, 3, False, True, "We could not accept this document. Please contact us."),
)  # fmt: skip


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    table = sa.table(
        "reasons",
        *(sa.column(name) for name in ("code", "category", "label", "retryable", "severity", "internal_only")),
        *(sa.column(name) for name in ("needs_note", "applicant_message", "version", "position")),
    )
    names = ("code", "category", "label", "retryable", "severity", "internal_only", "needs_note", "applicant_message")
    rows = [dict(zip(names, row, strict=True)) for row in CATALOGUE]
    op.bulk_insert(table, [{**row, "version": 1, "position": index} for index, row in enumerate(rows)])
    op.execute("""
do $$ begin
    if exists (select from pg_roles where rolname = 'backoffice_app') then
        revoke insert, update, delete on reasons from backoffice_app;
    end if;
end $$""")


def downgrade() -> None:
    op.execute("delete from reasons")
