"""The portrait against the selfie: a hint for the reviewer, so that the worst it ever says is a warning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backoffice.screening import face_model, thresholds
from backoffice.screening.ocr import Pixels
from backoffice.screening.thresholds import Threshold
from backoffice.screening.types import Box, Finding

CHECK = "face_match"
SELFIE = "selfie"
WITH_FACE = frozenset({"passport", "national_id", "driving_licence", "residence_permit"})
WITHOUT_FACE = frozenset({"proof_of_address"})
_MOST_PAPERS = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """One upright page with the file that it is of."""

    file_index: int
    page: int
    pixels: Pixels


def match(kind: str | None, papers: Sequence[Picture], selfies: Mapping[int, Picture | None]) -> Finding:
    """Compare the document's faces with the selfie's; `selfies` has None for a file that could not be opened."""
    reason = not_due(kind, has_selfie=bool(selfies))
    if reason:
        return reason
    if not face_model.is_installed():
        return _not_applicable("Comparing faces is not installed here (the optional extra `face`).")
    selfie = next(iter(selfies.values()))
    if selfie is None or not papers:
        message = "A picture could not be opened."
        raise ValueError(message)
    seen = face_model.faces(selfie.pixels)
    if len(seen) != 1:
        return not_one_face(len(seen), face_model.MODEL, selfie.file_index)
    found = [(face, paper) for paper in papers[:_MOST_PAPERS] for face in face_model.faces(paper.pixels)]
    if not found:
        return without_portrait(kind, face_model.MODEL)
    face, paper = min(found, key=lambda pair: face_model.distance(pair[0], seen[0]))
    likeness = max(0.0, 1 - face_model.distance(face, seen[0]))
    return judged(likeness, face_model.MODEL, face.box, (paper.file_index, paper.page), limit=thresholds.FACE_DISTANCE)


def not_due(kind: str | None, *, has_selfie: bool) -> Finding | None:
    """Say why there is nothing to compare; None when there may be."""
    if not has_selfie:
        return _not_applicable("There is no selfie to compare with.")
    if kind in WITHOUT_FACE:
        return _not_applicable("This kind of document shows no portrait.")
    return _not_applicable("There is only a selfie.") if kind == SELFIE else None


def not_one_face(count: int, model: str, file_index: int) -> Finding:
    """Warn of a selfie that shows nobody, or more than one person."""
    reason = "multiple_faces" if count else "face_not_detected"
    summary = "The selfie shows more than one face." if count else "No face was found in the selfie."
    return Finding(CHECK, "warning", model=model, reasons=(reason,), summary=summary, file_index=file_index)


def without_portrait(kind: str | None, model: str) -> Finding:
    """Warn where a portrait is due; other documents may well have none."""
    if kind in WITH_FACE:
        return Finding(CHECK, "warning", model=model, reasons=("face_not_detected",),
                       summary="No face was found on the document.")  # fmt: skip
    return _not_applicable("The document shows no portrait.", model)


def judged(score: float, model: str, box: Box | None, place: tuple[int, int], *, limit: Threshold) -> Finding:
    """Say how alike two faces are; people of one family, children and old pictures make it err, so a person looks."""
    is_alike = limit.evaluate(score) == "passed"
    return Finding(
        CHECK,
        "passed" if is_alike else "warning",
        round(score, 3),
        limit.passes,
        model,
        () if is_alike else ("face_mismatch",),
        f"The portrait and the selfie {'look alike' if is_alike else 'do not look alike'}; a person should compare.",
        box,
        *place,
    )


def _not_applicable(summary: str, model: str = "rules@1") -> Finding:
    return Finding(CHECK, "not_applicable", model=model, summary=summary)
