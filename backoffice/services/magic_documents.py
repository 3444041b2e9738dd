"""Magic documents: pictures that we ship, and what the sandbox decides when a test document holds one of them.

They are known by their SHA-256, so a picture that was saved again or cropped is an ordinary document, and so is every
one of them in live mode.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from backoffice.errors import NotFound
from backoffice.models.documents import Document, File
from backoffice.models.review_tasks import Outcome

FOLDER = Path(__file__).parents[1] / "specimens" / "sandbox"
"""Read as files: importing the package would load what draws them."""


@dataclass(frozen=True, slots=True)
class MagicDocument:
    """One picture with its fate."""

    name: str
    sha256: str
    says: str
    outcome: Outcome | None
    """None stays in review."""
    reasons: tuple[str, ...]
    are_checks_broken: bool
    wait: timedelta
    """How long it stays in processing before it is screened."""
    applicant: Mapping[str, str]
    """Who stands on it, or who should."""

    def read(self) -> bytes:
        """Read the picture."""
        return (FOLDER / f"{self.name}.jpg").read_bytes()


@lru_cache(1)
def shipped() -> tuple[MagicDocument, ...]:
    """Read the manifest that `scripts/sandbox_documents.py` writes."""
    entries = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return tuple(
        MagicDocument(
            name=entry["name"],
            sha256=entry["sha256"],
            says=entry["says"],
            outcome=Outcome(entry["outcome"]) if entry["outcome"] in set(Outcome) else None,
            reasons=tuple(entry["reasons"]),
            are_checks_broken=entry["are_checks_broken"],
            wait=timedelta(seconds=entry["wait_seconds"]),
            applicant=entry["applicant"],
        )
        for entry in entries
    )


def named(name: str) -> MagicDocument:
    """Find one by its name.

    Raises NotFound.
    """
    found = next((one for one in shipped() if one.name == name), None)
    if found is None:
        raise NotFound("There is no sandbox document with this name.")
    return found


def held_by(document: Document, files: Sequence[File]) -> MagicDocument | None:
    """Say which one a test document holds; the first of its files that is one counts."""
    if document.livemode:
        return None
    known = {one.sha256: one for one in shipped()}
    return next((known[file.sha256] for file in files if file.sha256 in known), None)
