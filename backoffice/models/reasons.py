"""The catalogue of reasons: why a document was not accepted, in stable codes."""

from sqlmodel import Field

from backoffice.models.base import NamedTable


class Reason(NamedTable, table=True):
    """One row of the catalogue; partners see code, retryable and the applicant's message."""

    __tablename__ = "reasons"

    code: str = Field(primary_key=True)
    category: str
    label: str
    retryable: bool
    severity: int
    """1 (cosmetic) to 5 (fraud)."""
    internal_only: bool = False
    needs_note: bool = False
    applicant_message: str
    version: int = 1
    position: int = 0
