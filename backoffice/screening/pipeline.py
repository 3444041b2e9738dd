"""One document through every check, synchronously; whatever breaks becomes a finding, never an exception."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from backoffice.screening import (
    barcodes,
    challengers,
    classify,
    comparing,
    derivatives,
    faces,
    fields,
    masked_screenings,
    masking,
    mrz_lines,
    ocr,
    quality,
    text_layers,
    thresholds,
)
from backoffice.screening.barcodes import Code
from backoffice.screening.comparing import Evidence
from backoffice.screening.decode import VIEW_SIDE, Decoder, Opened, Raster, UndecodableError
from backoffice.screening.fields import Readout
from backoffice.screening.masked_screenings import NONE, UNKNOWN
from backoffice.screening.masking import PageKey, Subject, pixels_of
from backoffice.screening.masking_places import Polygon
from backoffice.screening.masking_rules import RULES, may_concern
from backoffice.screening.originals import originality, tampering
from backoffice.screening.page_texts import PageText
from backoffice.screening.pdf_words import Words
from backoffice.screening.risks import risk
from backoffice.screening.traces import Traces
from backoffice.screening.types import CHECK_NAMES, Declared, Derivative, Extracted, Finding, Screening, SourceFile

_MOST_READ_PAGES = 8
_DIGITS_OF = {"document_number": "document number", "date_of_birth": "birth date", "expires_on": "expiry date"}
_WITH_ZONE = {"passport", "residence_permit"}


@dataclass(slots=True)
class _Work:
    """What the steps leave for each other; `trouble` holds the files that could not be opened."""

    files: list[SourceFile]
    declared: Declared
    today: date
    rasters: list[tuple[int, int, Raster]] = field(default_factory=list[tuple[int, int, Raster]])
    texts: dict[tuple[int, int], tuple[Words, ...]] = field(default_factory=dict[tuple[int, int], tuple[Words, ...]])
    traces: dict[int, Traces] = field(default_factory=dict[int, Traces])
    trouble: list[tuple[int, UndecodableError]] = field(default_factory=list[tuple[int, UndecodableError]])
    pages: list[PageText] = field(default_factory=list[PageText])
    readout: Readout = field(default_factory=lambda: Readout((), (), (), None))
    guess: classify.Guess = field(default_factory=lambda: classify.Guess(None, 0.0))
    codes: list[Code] = field(default_factory=list[Code])

    @property
    def evidence(self) -> Evidence:
        """The part that comparing checks may see."""
        return Evidence(self.pages, self.readout, self.declared, self.today, self.guess.type or self.declared.type)


def screen(
    files: list[SourceFile],
    declared: Declared,
    *,
    today: date,
    decoder: Decoder,
    beside: Sequence[str] = (),
) -> Screening:
    """Run every check; each is isolated, so that one that breaks reports `check_unavailable` and the others stand.

    `beside` names the challengers that look, too.
    """
    work = _Work(files, declared, today)
    checks: dict[str, Callable[[_Work], Finding]] = {
        "file_safety": _file_safety,
        "text": _text,
        "image_quality": _image_quality,
        "mrz": _mrz,
        "barcode": lambda done: _barcode(done, decoder),
        "classification": _classification,
        "data_consistency": lambda done: comparing.data_consistency(_readable(done)),
        "applicant_match": lambda done: comparing.applicant_match(_readable(done)),
        "expiry": lambda done: comparing.expiry(_readable(done)),
        "age": lambda done: comparing.age(_readable(done)),
        "originality": lambda done: originality(_traced(done)),
        "tampering": lambda done: tampering(_traced(done)),
        "face_match": _face_match,
    }
    findings = {name: _isolated(name, check, work, decoder) for name, check in checks.items()}
    ordered = tuple(findings[name] for name in CHECK_NAMES if name in findings)
    screening = Screening(
        findings=ordered,
        extracted=work.readout.extracted,
        type_guess=work.guess.type,
        country_guess=work.readout.country,
        risk_score=risk(ordered),
        challenges=challengers.run(beside, work.evidence) if work.pages else (),
    )
    return _pictured(work, screening, decoder)


def _pictured(work: _Work, screening: Screening, decoder: Decoder) -> Screening:
    """Mask what is under a rule, then make the pictures; none where a rule may hold and nobody could find out."""
    try:
        masked = None if _is_unread(work, screening) else masking.apply(_subject(work, screening), decoder)
    except Exception:  # noqa: BLE001 - whatever breaks here, the unmasked picture must not be kept
        return masked_screenings.withheld(screening, work.files, RULES[0])
    if masked:
        work.rasters = masked.rasters
        screening = masked_screenings.masked(screening, work.files, masked)
    elif _is_unread(work, screening) and (rule := may_concern(work.declared.issuing_country, work.declared.type)):
        screening = masked_screenings.withheld(screening, work.files, rule)
    else:
        screening = replace(screening, masking=(NONE,) * len(work.files))
    if UNKNOWN in screening.masking:
        return screening
    never = {index for index, _ in work.trouble} - {index for index, _, _ in work.rasters}
    screening = masked_screenings.unopened(screening, never, work.declared)
    return replace(screening, derivatives=_derivatives(work, decoder, masked.covers if masked else {}))


def _subject(work: _Work, screening: Screening) -> Subject:
    """Put together what masking looks at: where a rule may hold, also the pages that no check needed."""
    if may_concern(work.declared.issuing_country, work.declared.type):
        rest = [PageText(*one[:2], _page(work, *one), None) for one in work.rasters[_MOST_READ_PAGES:]]
        work.codes = [*work.codes, *barcodes.read(rest, is_likely=False, finer=lambda _: None)]
        work.pages = [*work.pages, *rest]
    return Subject(work.files, work.rasters, work.pages, work.codes, screening.type_guess,
                   screening.country_guess, work.declared)  # fmt: skip


def _is_unread(work: _Work, screening: Screening) -> bool:
    """Say whether something stopped the reading, so that nothing is known of what stands on the pages."""
    names = ("text", "barcode")
    broken = any(finding.status == "error" for finding in screening.findings if finding.name in names)
    return broken or not work.pages


def unavailable(name: str, summary: str = "This check could not be carried out.") -> Finding:
    """Say that a check did not run; a person decides then, never a rule."""
    return Finding(name, "error", reasons=("check_unavailable",), summary=summary)


def _isolated(name: str, check: Callable[[_Work], Finding], work: _Work, decoder: Decoder) -> Finding:
    started = time.perf_counter()
    try:
        if name == "file_safety":
            _open(work, decoder)
        if name == "text":
            _read(work)
        finding = check(work)
    except Exception:  # noqa: BLE001 - the vendor boundary: a broken model must cost one check, not the document
        finding = unavailable(name)
    return replace(finding, name=name, duration_ms=round((time.perf_counter() - started) * 1000))


def _open(work: _Work, decoder: Decoder) -> None:
    for index, file in enumerate(work.files):
        opened = _opened(work, index, file, decoder)
        if opened is None:
            continue
        work.rasters += [(index, number, raster) for number, raster in enumerate(opened.pages)]
        work.texts |= {(index, number): words for number, words in enumerate(opened.texts) if words}
        work.traces[index] = opened.traces


def _opened(work: _Work, index: int, file: SourceFile, decoder: Decoder) -> Opened | None:
    """Open one file; where the decoder died, once more, so that it costs one check, which sends it to a person."""
    for _ in range(2):
        try:
            return decoder.open(file.data, file.mime_type)
        except UndecodableError as trouble:
            work.trouble.append((index, trouble))
            if trouble.trouble != "died":
                break
    return None


def _read(work: _Work) -> None:
    _read_pages(work)
    layers = [page.page for page in work.pages if page.page.is_layer]
    if not all(text_layers.is_shown(page, work.readout.extracted) for page in layers):
        work.texts, work.pages = {}, []
        _read_pages(work)


def _read_pages(work: _Work) -> None:
    """Read every page, from a PDF's own text where it has one."""
    for index, number, raster in work.rasters[:_MOST_READ_PAGES]:
        page = _page(work, index, number, raster)
        seen = [before.page for before in work.pages]
        work.pages.append(PageText(index, number, page, mrz_lines.find(page, seen), quality.glare_of(page)))
    work.guess = classify.guess(work.pages, [file.side for file in work.files])
    _read_fields(work)


def _page(work: _Work, index: int, number: int, raster: Raster) -> ocr.Page:
    pixels, words = np.ascontiguousarray(pixels_of(raster)), work.texts.get((index, number))
    return text_layers.page(pixels, words) if words else ocr.read(pixels)


def _read_fields(work: _Work, coded: Sequence[Extracted] = ()) -> None:
    work.readout = fields.read(
        work.pages, today=work.today, country=work.declared.issuing_country, kind=work.guess.type, coded=coded
    )


def _file_safety(work: _Work) -> Finding:
    model = "sandbox@1"
    if not work.trouble:
        return Finding("file_safety", "passed", 1.0, 1.0, model, summary="Every file opens safely.")
    index, trouble = work.trouble[0]
    if trouble.trouble == "refused":
        return Finding("file_safety", "failed", 0.0, 1.0, model, ("data_not_readable",),
                       f"File {index + 1} is damaged or carries what a document should not.",
                       file_index=index)  # fmt: skip
    what = "took too long to open" if trouble.trouble == "late" else "made the decoder fail"
    return Finding("file_safety", "error", None, 1.0, model, ("check_unavailable",),
                   f"File {index + 1} {what}.", file_index=index)  # fmt: skip


def _text(work: _Work) -> Finding:
    _require_pages(work)
    letters = sum(len(line.text) for page in work.pages for line in page.page.lines)
    if work.guess.type == "selfie":
        return Finding("text", "not_applicable", model=ocr.MODEL, summary="A selfie shows no text.")
    limit = thresholds.TEXT_CONFIDENCE
    model = text_layers.MODEL if all(page.page.is_layer for page in work.pages) else ocr.MODEL
    if letters == 0:
        return Finding("text", "failed", 0.0, limit.passes, model, ("no_document_found",), "No text was found.")
    total = sum(line.score * len(line.text) for page in work.pages for line in page.page.lines)
    score = round(total / letters, 3)
    status = limit.evaluate(score)
    summary = f"{len(work.readout.extracted)} values were read from {letters} characters."
    return Finding("text", status, score, limit.passes, model,
                   () if status == "passed" else ("data_not_readable",), summary)  # fmt: skip


def _image_quality(work: _Work) -> Finding:
    _require_pages(work)
    measured = [(quality.measure(page.page), page) for page in work.pages]
    worst, page = min(measured, key=lambda pair: pair[0].score)
    limit = thresholds.IMAGE_QUALITY
    summary = (
        " ".join(quality.SENTENCES[reason] for reason in worst.reasons) or "The picture is sharp and bright enough."
    )
    status = limit.evaluate(worst.score)
    return Finding("image_quality", status, worst.score, limit.passes, quality.MODEL, worst.reasons,
                   summary, worst.box, page.file_index, page.page_index)  # fmt: skip


def _mrz(work: _Work) -> Finding:
    _require_pages(work)
    model, limit = "icao9303@1", thresholds.MRZ_DIGITS
    page = next((page for page in work.pages if page.found), None)
    if page is None or page.found is None:
        if (work.guess.type or work.declared.type) in _WITH_ZONE:
            return Finding("mrz", "warning", 0.0, limit.passes, model, ("mrz_invalid",),
                           "The machine readable zone that this document should have was not found.")  # fmt: skip
        return Finding("mrz", "not_applicable", model=model, summary="The document shows no machine readable zone.")
    zone = page.found.zone
    score = round(sum(zone.checks.values()) / len(zone.checks), 3)
    box = page.found.whole(page.page)
    wrong = [
        name.replace("_", " ").replace("expires on", "expiry date") for name, fits in zone.checks.items() if not fits
    ]
    summary = "All check digits fit."
    if wrong:
        summary = f"The check digit of the {' and the '.join(wrong)} does not fit."
    return Finding("mrz", limit.evaluate(score), score, limit.passes, model, ("mrz_invalid",) if wrong else (), summary,
                   box, page.file_index, page.page_index)  # fmt: skip


def _barcode(work: _Work, decoder: Decoder) -> Finding:
    """Read the codes; what they say counts for every check after this one."""
    _require_pages(work)
    if work.guess.type == "selfie":
        return Finding("barcode", "not_applicable", model=barcodes.MODEL, summary="A selfie shows no barcode.")
    kinds: set[str | None] = {work.guess.type, work.declared.type}
    countries = {work.readout.country, work.declared.issuing_country}
    likely = barcodes.is_likely(kinds, countries, work.pages)
    work.codes = codes = barcodes.read(work.pages, is_likely=likely, finer=lambda page: _finer(work, page, decoder))
    records = [code.record for code in codes if code.record]
    if records:
        coded = [value for code in codes for value in code.fields()]
        known = [record.kind for record in records if record.kind]
        work.guess = classify.guess(work.pages, [file.side for file in work.files], known)
        _read_fields(work, coded)
    return barcodes.finding(
        codes,
        is_due=barcodes.is_american_licence(kinds, countries, work.pages),
        is_back_missing=all(file.side == "front" for file in work.files),
    )


def _finer(work: _Work, page: PageText, decoder: Decoder) -> ocr.Pixels | None:
    """Decode a page again with more of its pixels, where the reading was of a smaller picture than the file's."""
    siblings = sum(index == page.file_index for index, _, _ in work.rasters)
    if siblings > 1 or max(page.page.width, page.page.height) < VIEW_SIDE:
        return None
    file = work.files[page.file_index]
    try:
        raster = decoder.open(file.data, file.mime_type, long_side=2 * VIEW_SIDE).pages[page.page_index]
    except UndecodableError:
        return None
    if max(raster.width, raster.height) <= VIEW_SIDE:
        return None
    return np.rot90(pixels_of(raster), -page.page.turned // 90)


def _classification(work: _Work) -> Finding:
    _require_pages(work)
    guess, declared = work.guess, work.declared
    limit, model = thresholds.CLASSIFICATION, classify.MODEL
    if guess.type is None:
        return Finding("classification", "warning", 0.0, limit.passes, model, ("no_document_found",),
                       "No known kind of document was recognised.")  # fmt: skip
    shown = guess.type.replace("_", " ")
    if declared.type not in {None, "other", guess.type}:
        status = "failed" if limit.evaluate(guess.certainty) == "passed" else "warning"
        return Finding("classification", status, guess.certainty, limit.passes, model, ("document_type_mismatch",),
                       f"This looks like a {shown}, not a {str(declared.type).replace('_', ' ')}.")  # fmt: skip
    if declared.issuing_country and work.readout.country not in {None, declared.issuing_country}:
        return Finding("classification", "warning", guess.certainty, limit.passes, model, ("document_type_mismatch",),
                       f"The document seems to be from {work.readout.country}, not {declared.issuing_country}.",
                       )  # fmt: skip
    return Finding("classification", limit.evaluate(guess.certainty), guess.certainty, limit.passes, model,
                   summary=f"This is a {shown}.")  # fmt: skip


def _face_match(work: _Work) -> Finding:
    """Compare the papers, which were turned by their text, with the selfie as the camera held it."""
    read = [faces.Picture(page.file_index, page.page_index, page.page.pixels) for page in work.pages]
    papers = [picture for picture in read if work.files[picture.file_index].side != faces.SELFIE]
    selfies: dict[int, faces.Picture | None] = {
        index: None for index, file in enumerate(work.files) if file.side == faces.SELFIE
    }
    for index, number, raster in reversed(work.rasters):
        if index in selfies:
            selfies[index] = faces.Picture(index, number, pixels_of(raster))
    return faces.match(work.guess.type or work.declared.type, papers, selfies)


def _readable(work: _Work) -> Evidence:
    _require_pages(work)
    return work.evidence


def _traced(work: _Work) -> dict[int, Traces]:
    if not work.traces:
        message = "No file could be opened."
        raise ValueError(message)
    return work.traces


def _require_pages(work: _Work) -> None:
    if not work.pages:
        message = "No page could be read."
        raise ValueError(message)


def _derivatives(work: _Work, decoder: Decoder, covers: Mapping[PageKey, list[Polygon]]) -> tuple[Derivative, ...]:
    turned = {(page.file_index, page.page_index): page.page.turned for page in work.pages}
    made: list[Derivative] = []
    for index, number, raster in work.rasters:
        made += derivatives.of(raster, index, number, turned.get((index, number), 0))
    return (*made, *_forensics(work, decoder, turned, covers))


def _forensics(
    work: _Work, decoder: Decoder, turned: dict[PageKey, int], covers: Mapping[PageKey, list[Polygon]]
) -> list[Derivative]:
    """Draw the reviewer's heat-maps last and at no check's cost; a decoder that fails at it is not asked again."""
    troubled = {index for index, _ in work.trouble}
    made: list[Derivative] = []
    for index, file in enumerate(work.files):
        try:
            drawn = [] if index in troubled else decoder.error_levels(file.data, file.mime_type)
        except UndecodableError:
            break
        made += [
            derivatives.forensics(raster, index, page, turned.get((index, page), 0), covers.get((index, page), ()))
            for page, raster in enumerate(drawn)
        ]
    return made
