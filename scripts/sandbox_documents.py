"""Draws the sandbox's documents and their manifest again (backoffice/specimens/sandbox).

Their SHA-256 is how the sandbox knows them, so a new drawing is a new set of documents.
"""

import hashlib
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from backoffice.specimens import person, render
from backoffice.specimens.fonts import font

FOLDER = Path(__file__).parents[1] / "backoffice" / "specimens" / "sandbox"
YEAR = 2026
WIDTH = 880
BAND = 56
QUALITY = 48
MAX_BYTES = 60_000
INK, PAPER = (255, 255, 255), (18, 52, 86)


@dataclass(frozen=True)
class Planned:
    """One document: what it looks like, what becomes of it, and why."""

    name: str
    seed: int
    says: str
    outcome: str
    condition: str = "photo"
    reasons: tuple[str, ...] = ()
    are_checks_broken: bool = False
    wait_seconds: int = 0


PLANNED = (
    Planned("approved", 11, "Approved.", "approved"),
    Planned("rejected_fraud", 21, "Rejected as forged; another try is not allowed.", "rejected",
            reasons=("tampering_suspected",)),
    Planned("rejected_data", 31, "Rejected because its data disagrees; another try is not allowed.", "rejected",
            condition="mismatched", reasons=("data_inconsistent",)),
    Planned("resubmission_blurred", 41, "Asked for again: the picture is blurred.", "resubmission_requested",
            condition="blurred", reasons=("image_blurred",)),
    Planned("resubmission_glare", 51, "Asked for again: light reflects on it.", "resubmission_requested",
            condition="glare", reasons=("image_glare",)),
    Planned("expired_document", 61, "Rejected because the passport has expired; another one may be sent.", "rejected",
            condition="expired", reasons=("document_expired",)),
    Planned("in_review", 71, "Stays in review until you simulate, withdraw it, or a person decides.", "in_review"),
    Planned("check_error", 81, "No check can run, so it stays in review: never approved by accident.", "in_review",
            are_checks_broken=True),
    Planned("slow", 91, "Stays in processing for 10 seconds, then approved.", "approved", wait_seconds=10),
)  # fmt: skip


def draw(planned: Planned) -> bytes:
    """Photograph the specimen small enough to ship, under a band that says what it is for."""
    data = render("passport", person(planned.seed, year=YEAR), condition=planned.condition)[0].data
    photo = Image.open(BytesIO(data))
    calm = Image.fromarray(cv2.bilateralFilter(np.asarray(photo), 7, 28, 5))
    calm = calm.resize((WIDTH, photo.height * WIDTH // photo.width), Image.Resampling.LANCZOS)
    page = Image.new("RGB", (WIDTH, calm.height + BAND), PAPER)
    page.paste(calm, (0, BAND))
    text = f"SPECIMEN · SANDBOX · {planned.name} → {planned.outcome}"
    size = next(size for size in range(30, 10, -1) if font("bold", size).getlength(text) < WIDTH - 40)
    ImageDraw.Draw(page).text((WIDTH // 2, BAND // 2), text, font=font("bold", size), anchor="mm", fill=INK)
    if planned.condition == "blurred":
        page = page.filter(ImageFilter.GaussianBlur(2.5))  # a sharp band would make the whole picture count as sharp
    buffer = BytesIO()
    page.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return buffer.getvalue()


def described(planned: Planned, data: bytes) -> dict[str, Any]:
    """Say what the sandbox and its documentation need to know of it."""
    holder = person(planned.seed, year=YEAR)
    return {
        "name": planned.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "says": planned.says,
        "outcome": planned.outcome,
        "reasons": list(planned.reasons),
        "are_checks_broken": planned.are_checks_broken,
        "wait_seconds": planned.wait_seconds,
        "applicant": {
            "given_names": holder.given_names,
            "surname": holder.surname,
            "date_of_birth": holder.date_of_birth.isoformat(),
            "nationality": holder.nationality,
        },
    }


def main() -> None:
    """Write every picture, then the manifest."""
    manifest = []
    for planned in PLANNED:
        data = draw(planned)
        if len(data) >= MAX_BYTES:
            raise SystemExit(f"{planned.name} has {len(data)} bytes; at most {MAX_BYTES} are shipped")
        (FOLDER / f"{planned.name}.jpg").write_bytes(data)
        manifest.append(described(planned, data))
        print(f"{planned.name:<22}{len(data):>7} bytes")
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (FOLDER / "manifest.json").write_text(text + "\n", encoding="utf-8")


main()
