"""Checks that compare: print, zone and barcode with each other, document with applicant, dates with today."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz import fuzz

from backoffice.screening import names, thresholds
from backoffice.screening.fields import Readout
from backoffice.screening.fingerprints import CONFUSED
from backoffice.screening.page_texts import PageText
from backoffice.screening.types import Declared, Extracted, Finding
from backoffice.screening.wording import VALUES, listed

_COMPARED = {name: words for name, words in VALUES.items() if name != "address"}
"""Addresses are written in too many ways to differ for certain."""
_WITHOUT_EXPIRY = {"proof_of_address", "tax_id", "selfie"}
_WITHOUT_BIRTH = {"proof_of_address", "selfie"}
_ENDLESS = {("national_id", country) for country in ("IND", "MYS", "PHL", "SGP", "IDN")}
"""Cards that are issued for life."""
_SOON_DAYS = 30
_SAME_ADDRESS = 80.0
_MASK, _SHOWN = "XXXX", 4
"""Of a masked number the last digits are compared."""

_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was read, as the comparing checks need it."""

    pages: list[PageText]
    readout: Readout
    declared: Declared
    today: date
    kind: str | None

    def field(self, name: str) -> Extracted | None:
        """Find one extracted field."""
        return next((field for field in self.readout.extracted if field.name == name), None)


@dataclass(frozen=True, slots=True)
class _Difference:
    field: Extracted
    reason: str
    sentence: str
    score: float = 0.0


def data_consistency(evidence: Evidence) -> Finding:
    """Compare zone, barcode and print with each other; only values that two of them show can disagree."""
    readout = evidence.readout
    if not readout.machine and not readout.coded:
        return Finding("data_consistency", "not_applicable", summary="There is only one source of data to read.")
    pairs = [
        *_pairs(readout.machine, readout.printed, "The printed {} from the machine readable zone."),
        *_pairs(readout.coded, readout.printed, "The printed {} from the barcode."),
        *_pairs(readout.machine, readout.coded, "The barcode's {} from the machine readable zone."),
    ]
    if not pairs:
        what = "machine readable zone" if readout.machine else "barcode"
        return Finding(
            "data_consistency", "warning", reasons=("data_not_readable",),
            summary=f"No printed value could be read to compare with the {what}.",
        )  # fmt: skip
    apart = [pair for pair in pairs if not pair.agrees]
    compared = {pair.name for pair in pairs}
    score = round(1 - len({pair.name for pair in apart}) / len(compared), 3)
    if not apart:
        values = listed([label for name, label in _COMPARED.items() if name in compared])
        how = "machine readable" if readout.machine else "coded"
        return Finding("data_consistency", "passed", score, 1.0, summary=f"Printed and {how} {values} agree.")
    return _disagreement(apart, score)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One value as two sources give it; `seen` is the one that is shown, `says` the sentence about the difference."""

    name: str
    seen: Extracted
    agrees: bool
    says: str


def _pairs(machine: tuple[Extracted, ...], others: tuple[Extracted, ...], says: str) -> list[_Pair]:
    """Pair two sources' values of the same name, in the order in which people name them."""
    one, other = ({field.name: field for field in fields} for fields in (machine, others))
    return [
        _Pair(name, other[name], _agree(name, one[name].value, other[name].value), says)
        for name in _COMPARED
        if name in one and name in other
    ]


def _differing(labels: list[str]) -> str:
    return f"{listed(labels)} {'differs' if len(labels) == 1 else 'differ'}"


def _disagreement(apart: list[_Pair], score: float) -> Finding:
    told: dict[str, list[str]] = {}
    for pair in apart:
        told.setdefault(pair.says, []).append(_COMPARED[pair.name])
    seen = apart[0].seen
    certain = [pair for pair in apart if pair.seen.confidence > _SURE]
    return Finding(
        "data_consistency",
        "failed" if certain else "warning",
        score,
        1.0,
        reasons=("data_inconsistent",),
        summary=" ".join(says.format(_differing(labels)) for says, labels in told.items()),
        box=seen.box,
        file_index=seen.file_index,
        page=seen.page,
    )


def applicant_match(evidence: Evidence, *, alike: Callable[[str, str], float] = names.similarity) -> Finding:
    """Compare the document with what the partner said about the applicant; `alike` scores two names from 0 to 1."""
    others = (_birth_difference, _number_difference, _address_difference)
    results = (_name_difference(evidence, alike), *(check(evidence) for check in others))
    compared = [result for result in results if result is not None]
    if not compared:
        if evidence.kind == "selfie":
            return Finding("applicant_match", "not_applicable", summary="A selfie shows no data of the applicant.")
        if _asks_nothing(evidence.declared):
            return Finding("applicant_match", "not_applicable", summary="The partner gave nothing to compare with.")
        return Finding(
            "applicant_match", "warning", reasons=("data_not_readable",),
            summary="The document shows none of the values that the partner gave.",
        )  # fmt: skip
    apart = [result for result in compared if isinstance(result, _Difference)]
    scores = [result.score if isinstance(result, _Difference) else result for result in compared]
    threshold = thresholds.NAME_MATCH
    if not apart:
        return Finding("applicant_match", "passed", round(min(scores), 3), threshold.passes,
                       summary="The document agrees with the applicant's data.")  # fmt: skip
    first = apart[0]
    return Finding(
        "applicant_match",
        "warning" if all(threshold.evaluate(result.score) == "warning" for result in apart) else "failed",
        round(min(scores), 3),
        threshold.passes,
        reasons=tuple(dict.fromkeys(result.reason for result in apart)),
        summary=" ".join(result.sentence for result in apart),
        box=first.field.box,
        file_index=first.field.file_index,
        page=first.field.page,
    )


def expiry(evidence: Evidence) -> Finding:
    """Compare the expiry date with today."""
    field = evidence.field("expires_on")
    if field is None:
        return _no_date("expiry", evidence, _WITHOUT_EXPIRY, "an expiry date")
    ends = date.fromisoformat(field.value)
    days = (ends - evidence.today).days
    if days < 0:
        return _at(field, Finding("expiry", "failed", 0.0, 0.5, reasons=("document_expired",),
                       summary=f"The document expired on {ends:%-d %B %Y}."))  # fmt: skip
    if days <= _SOON_DAYS:
        return _at(
            field, Finding("expiry", "warning", 0.4, 0.5, summary=f"The document expires soon, on {ends:%-d %B %Y}.")
        )
    return _at(field, Finding("expiry", "passed", 1.0, 0.5, summary=f"The document is valid until {ends:%-d %B %Y}."))


def age(evidence: Evidence) -> Finding:
    """Compare the holder's age with the adult age."""
    field = evidence.field("date_of_birth")
    if field is None:
        return _no_date("age", evidence, _WITHOUT_BIRTH, "a date of birth")
    born = date.fromisoformat(field.value)
    years = evidence.today.year - born.year - ((evidence.today.month, evidence.today.day) < (born.month, born.day))
    least = thresholds.ADULT_AGE.least
    if years < least:
        return _at(field, Finding("age", "failed", float(years), float(least), reasons=("under_age",),
                       summary=f"The holder is {years} years old, below {least}."))  # fmt: skip
    if not thresholds.ADULT_AGE.evaluate(years):
        return _at(field, Finding("age", "warning", float(years), float(least), reasons=("data_not_readable",),
                       summary="The date of birth cannot be right."))  # fmt: skip
    return _at(field, Finding("age", "passed", float(years), float(least), summary=f"The holder is {years} years old."))


def _at(field: Extracted, finding: Finding) -> Finding:
    """Point a finding at the value that it is about."""
    return replace(finding, box=field.box, file_index=field.file_index, page=field.page)


def _no_date(check: str, evidence: Evidence, without: set[str], what: str) -> Finding:
    is_endless = check == "expiry" and (evidence.kind, evidence.readout.country) in _ENDLESS
    if evidence.kind in without or is_endless:
        return Finding(check, "not_applicable", summary=f"This kind of document does not show {what}.")
    return Finding(
        check, "warning", reasons=("data_not_readable",), summary=f"The document does not readably show {what}."
    )


def _agree(name: str, machine: str, printed: str) -> bool:
    """Compare two readings of one value; part of a number is a number that could not be read, not another one."""
    if name == "document_number":
        one, other = machine.translate(CONFUSED), printed.translate(CONFUSED)
        return one in other or other in one
    if name in {"full_name", "surname", "given_names"}:
        return (
            names.same_as_zone(printed, machine) or names.similarity(printed, machine) >= thresholds.NAME_MATCH.passes
        )
    return machine == printed


def _name_difference(evidence: Evidence, alike: Callable[[str, str], float]) -> _Difference | float | None:
    declared = evidence.declared
    wanted = declared.full_name or " ".join(part for part in (declared.given_names, declared.surname) if part)
    shown = evidence.field("full_name") or evidence.field("surname") or evidence.field("given_names")
    if not wanted or shown is None:
        return None
    scores = [alike(wanted, shown.value)]
    for part, name in ((declared.surname, "surname"), (declared.given_names, "given_names")):
        field = evidence.field(name)
        if part and field and shown.name == "full_name":
            scores.append(max(alike(part, field.value), _contained(part, field.value)))
    score = min(scores)
    if thresholds.NAME_MATCH.evaluate(score) == "passed":
        return score
    return _Difference(shown, "name_mismatch", f"The document names {shown.value}, the applicant is {wanted}.", score)


def _contained(part: str, value: str) -> float:
    """Accept one of several given names or surnames; people seldom give all of them."""
    words, longer = ({names.letters(word) for word in text.split()} for text in sorted((part, value), key=len))
    return 0.9 if words and words <= longer else 0.0


def _birth_difference(evidence: Evidence) -> _Difference | float | None:
    field, wanted = evidence.field("date_of_birth"), evidence.declared.date_of_birth
    if wanted is None or field is None:
        return None
    if field.value == wanted.isoformat():
        return 1.0
    sentence = (
        f"The document says born on {date.fromisoformat(field.value):%-d %B %Y}, the applicant {wanted:%-d %B %Y}."
    )
    return _Difference(field, "dob_mismatch", sentence)


def _number_difference(evidence: Evidence) -> _Difference | float | None:
    field, wanted = evidence.field("document_number"), evidence.declared.document_number
    if not wanted or field is None:
        return None
    plain = "".join(sign for sign in wanted.upper() if sign.isalnum())
    if plain.startswith(_MASK) or field.value.startswith(_MASK):
        if len(plain) != len(field.value):
            return None  # two numbers of one card, of which the last digits alone say nothing
        same = plain[-_SHOWN:] == field.value[-_SHOWN:]
    else:
        same = field.value.translate(CONFUSED) == plain.translate(CONFUSED)
    return 1.0 if same else _Difference(field, "id_number_mismatch", "The document's number is not the one given.")


def _address_difference(evidence: Evidence) -> _Difference | float | None:
    field, wanted = evidence.field("address"), evidence.declared.address
    if not wanted or field is None or evidence.kind != "proof_of_address":
        return None
    score = fuzz.token_set_ratio(wanted.lower(), field.value.lower())
    if score >= _SAME_ADDRESS:
        return 1.0
    return _Difference(field, "address_mismatch", "The address on the document is not the one given.", score / 100)


def _asks_nothing(declared: Declared) -> bool:
    return not any((declared.full_name, declared.given_names, declared.surname, declared.date_of_birth,
                    declared.document_number, declared.address))  # fmt: skip
