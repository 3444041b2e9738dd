"""Checks that a provider carries out instead of this installation, by setting; a provider's failure is an error.

Only the pictures made anew leave the house, never the files as they were sent, and only those that a check needs.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from logging import getLogger

from backoffice.adapters.vision import Vision
from backoffice.adapters.vision_words import Said
from backoffice.errors import BackofficeError
from backoffice.screening import comparing, faces, thresholds
from backoffice.screening.comparing import Evidence
from backoffice.screening.fields import Readout
from backoffice.screening.pipeline import unavailable
from backoffice.screening.risks import joined, risk
from backoffice.screening.types import EXTRACTED_NAMES, Declared, Derivative, Extracted, Finding, Screening

log = getLogger(__name__)
SECONDS = 25.0
"""Of all that one check asks; the calls have their own, shorter limits."""
LEAST_CONFIDENCE = 0.8
"""Below it a value is missing rather than guessed."""
_UNSEEN = "There is no picture that the provider could be shown."
_NAMES = {
    "LAST_NAME": "surname",
    "DOCUMENT_NUMBER": "document_number",
    "DATE_OF_BIRTH": "date_of_birth",
    "DATE_OF_ISSUE": "issued_on",
    "EXPIRATION_DATE": "expires_on",
    "ADDRESS": "address",
    "ZIP_CODE_IN_ADDRESS": "postal_code",
}
_DATES = frozenset({"date_of_birth", "issued_on", "expires_on"})


@dataclass(frozen=True, slots=True)
class Subject:
    """One document as a provider may see it: its safe pictures with the sides they show."""

    screening: Screening
    sides: tuple[str, ...]
    declared: Declared
    today: date

    @property
    def kind(self) -> str | None:
        """The type that was recognised, else the declared one."""
        return self.screening.type_guess or self.declared.type

    @property
    def papers(self) -> list[Derivative]:
        """The first page of every file that is not the selfie."""
        return [view for view in self._views if self.sides[view.file_index] != faces.SELFIE]

    @property
    def selfies(self) -> list[Derivative]:
        """The selfie, where one was sent."""
        return [view for view in self._views if self.sides[view.file_index] == faces.SELFIE]

    @property
    def _views(self) -> list[Derivative]:
        return [made for made in self.screening.derivatives if made.kind == "view" and made.page == 0]


@dataclass(frozen=True, slots=True)
class Result:
    """What one check gives: its finding, and the values that it read, if it reads any."""

    finding: Finding
    extracted: tuple[Extracted, ...] = ()


Check = Callable[[Vision, Subject], Awaitable[Result | None]]


async def consult(provider: Vision, checks: frozenset[str], subject: Subject) -> Screening:
    """Ask the provider for each check; what it does not answer in time or in form is in error."""
    results = await asyncio.gather(*(_asked(provider, name, subject) for name in sorted(checks)))
    found = {result.finding.name: result for result in results if result}
    merged = _with_values(subject, found["text"].extracted) if "text" in found else subject.screening
    kept = tuple(one for one in merged.findings if one.name not in found)
    told = replace(merged, findings=kept, risk_score=risk(kept))
    for result in found.values():
        told = joined(told, result.finding)
    return told


async def _asked(provider: Vision, name: str, subject: Subject) -> Result | None:
    """Carry out one check; None where the provider has nothing to add to what was found here."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(SECONDS):
            result = await CHECKS[name](provider, subject)
    except (BackofficeError, TimeoutError) as failure:
        code = failure.code if isinstance(failure, BackofficeError) else "vendor_late"
        log.warning("provider_failed", extra={"check": name, "code": code})
        result = Result(unavailable(name, "The provider of this check did not answer as it should."))
    if result is None:
        return None
    duration = round((time.perf_counter() - started) * 1000)
    return replace(result, finding=replace(result.finding, duration_ms=duration))


async def _text(provider: Vision, subject: Subject) -> Result | None:
    """Read an identity document's values, or the lines of any other paper."""
    if subject.kind == faces.SELFIE:
        return None
    papers = subject.papers
    if not papers:
        return Result(unavailable("text", _UNSEEN))
    if subject.kind in faces.WITH_FACE:
        reading = await provider.read_identity([paper.data for paper in papers])
        values, said = _values(reading.said, papers, reading.model), [one for one in reading.said if one.text]
    else:
        readings = [await provider.read_text(paper.data) for paper in papers]
        reading, values, said = readings[0], (), [one for each in readings for one in each.said]
    letters = sum(len(one.text) for one in said)
    limit = thresholds.TEXT_CONFIDENCE
    if not letters:
        return Result(Finding("text", "failed", 0.0, limit.passes, reading.model, ("no_document_found",),
                              "No text was found."))  # fmt: skip
    score = round(sum(one.confidence * len(one.text) for one in said) / letters, 3)
    status = limit.evaluate(score)
    summary = f"{len(values)} values were read from {letters} characters."
    reasons = () if status == "passed" else ("data_not_readable",)
    return Result(Finding("text", status, score, limit.passes, reading.model, reasons, summary), values)


def _values(said: Sequence[Said], papers: Sequence[Derivative], model: str) -> tuple[Extracted, ...]:
    """Name the provider's values as we do; what it is not sure of, or understood as no date, is missing."""
    sure = [one for one in said if one.text.strip() and one.confidence >= LEAST_CONFIDENCE]
    named = [(_NAMES[one.name], _plain(_NAMES[one.name], one), one) for one in sure if one.name in _NAMES]
    given = [one for name in ("FIRST_NAME", "MIDDLE_NAME") for one in sure if one.name == name]
    if given and given[0].name == "FIRST_NAME":
        least = min(given, key=lambda one: one.confidence)
        named.append(("given_names", " ".join(one.text.strip() for one in given), replace(least, frame=given[0].frame)))
    return tuple(
        Extracted(name, value, one.confidence, "text", one.frame, _shown(papers, one).file_index, model=model)
        for name, value, one in named
        if value
    )


def _shown(papers: Sequence[Derivative], one: Said) -> Derivative:
    return papers[one.picture] if 0 <= one.picture < len(papers) else papers[0]


def _plain(name: str, one: Said) -> str:
    if name in _DATES:
        try:
            return date.fromisoformat(one.day).isoformat()
        except ValueError:
            return ""
    text = " ".join(one.text.split())
    return "".join(sign for sign in text.upper() if sign.isalnum()) if name == "document_number" else text


def _with_values(subject: Subject, read: tuple[Extracted, ...]) -> Screening:
    """Put the provider's values in the place of printed ones, and compare again what compares values."""
    screening = subject.screening
    if not read:
        return screening
    machine = tuple(one for one in screening.extracted if one.source == "mrz")
    coded = tuple(one for one in screening.extracted if one.source == "barcode")
    merged = {one.name: one for one in (*reversed(screening.extracted), *read, *coded, *machine)}
    extracted = tuple(merged[name] for name in EXTRACTED_NAMES if name in merged)
    readout = Readout(extracted, machine, read, screening.country_guess, coded)
    evidence = Evidence([], readout, subject.declared, subject.today, subject.kind)
    findings = tuple(_compared(one, evidence) for one in screening.findings)
    return replace(screening, findings=findings, extracted=extracted)


def _compared(finding: Finding, evidence: Evidence) -> Finding:
    compare = COMPARING.get(finding.name)
    if compare is None or finding.status == "error":
        return finding
    return replace(compare(evidence), duration_ms=finding.duration_ms)


async def _image_quality(provider: Vision, subject: Subject) -> Result | None:
    """Judge pictures by the light and sharpness of the faces that they should show."""
    if subject.kind not in faces.WITH_FACE | {faces.SELFIE}:
        return None
    shown = [*subject.papers, *subject.selfies]
    if not shown:
        return Result(unavailable("image_quality", _UNSEEN))
    limit = thresholds.IMAGE_QUALITY
    looks = [(view, await provider.find_faces(view.data)) for view in shown]
    measured = [(min(one.faces[0].brightness, one.faces[0].sharpness), view, one) for view, one in looks if one.faces]
    if not measured:
        return Result(Finding("image_quality", "warning", 0.0, limit.passes, looks[0][1].model, ("face_not_detected",),
                              "No face was found whose light and sharpness could be judged."))  # fmt: skip
    score, view, found = min(measured, key=lambda one: one[0])
    face, status = found.faces[0], limit.evaluate(score)
    is_dark = face.brightness <= face.sharpness
    summary = f"The portrait is {'too dark' if is_dark else 'not sharp enough'}."
    return Result(Finding(
        "image_quality", status, round(score, 3), limit.passes, found.model,
        () if status == "passed" else ("image_too_dark" if is_dark else "image_blurred",),
        "The portrait is sharp and bright enough." if status == "passed" else summary,
        face.frame, view.file_index,
    ))  # fmt: skip


async def _face_match(provider: Vision, subject: Subject) -> Result | None:
    """Compare selfie and portrait; a hint for the reviewer, so that the worst it says is a warning."""
    reason = faces.not_due(subject.kind, has_selfie=faces.SELFIE in subject.sides)
    if reason:
        return Result(reason)
    if not subject.papers or not subject.selfies:
        return Result(unavailable("face_match", _UNSEEN))
    selfie = subject.selfies[0]
    found = await provider.find_faces(selfie.data)
    if len(found.faces) != 1:
        return Result(faces.not_one_face(len(found.faces), found.model, selfie.file_index))
    compared = [(await provider.compare_faces(selfie.data, paper.data), paper) for paper in subject.papers[:2]]
    best, paper = max(compared, key=lambda pair: pair[0].similarity or 0.0)
    if best.similarity is None:
        return Result(faces.without_portrait(subject.kind, best.model))
    place, limit = (paper.file_index, paper.page), thresholds.FACE_LIKENESS
    return Result(faces.judged(best.similarity, best.model, best.frame, place, limit=limit))


CHECKS: Mapping[str, Check] = {"text": _text, "image_quality": _image_quality, "face_match": _face_match}
COMPARING: Mapping[str, Callable[[Evidence], Finding]] = {
    "data_consistency": comparing.data_consistency,
    "applicant_match": comparing.applicant_match,
    "expiry": comparing.expiry,
    "age": comparing.age,
}
