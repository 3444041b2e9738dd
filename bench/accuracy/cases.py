"""The set: every template under every condition, each with a holder and a seed of its own; the same in every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backoffice.screening.types import Declared, SourceFile
from backoffice.specimens.people import Person
from bench.accuracy import captures, development, held_out
from bench.accuracy.people import YEAR

Split = Literal["development", "held_out"]
_SPLITS = {"development": development, "held_out": held_out}
TODAY = date(YEAR, 11, 26)
_LETTERS = "proof_of_address"


@dataclass(frozen=True)
class Case:
    """One document as a partner would post it, with what is true of it."""

    template: str
    condition: str
    kind: str
    files: tuple[SourceFile, ...]
    declared: Declared
    truth: dict[str, str]
    zone: tuple[str, ...]


def names(split: Split) -> list[tuple[str, str]]:
    """List the cases; PDFs with a text layer come for the letters, which is where they come from."""
    return [
        (template, condition)
        for condition in captures.ALL
        for template in _SPLITS[split].TEMPLATES
        if condition != captures.PDF or template.rpartition("_")[2] in {"statement", "bill", "invoice"}
    ]


def make(split: Split, template: str, condition: str) -> Case:
    """Make one case."""
    seed = (captures.ALL.index(condition) + 1) * 100 + list(_SPLITS[split].TEMPLATES).index(template)
    who, drawn = _SPLITS[split].draw(template, seed)
    dice = random.Random(f"{split}{template}{condition}")
    files = []
    for side, page in drawn.sides.items():
        if condition == captures.PDF:
            files.append(SourceFile(side, "application/pdf", page.pdf()))
        else:
            files.append(SourceFile(side, "image/jpeg", captures.capture(page.image(), condition, dice)))
    declared = _declared(drawn.kind, drawn.country, who, drawn.truth)
    return Case(template, condition, drawn.kind, tuple(files), declared, dict(drawn.truth), drawn.zone)


def every(split: Split, sample: int) -> Iterator[Case]:
    """Make all cases, or `sample` of them spread over templates and conditions."""
    listed = names(split)
    if sample and sample < len(listed):
        listed = sorted(random.Random(7).sample(listed, sample), key=listed.index)
    for template, condition in listed:
        yield make(split, template, condition)


def _declared(kind: str, country: str, who: Person, truth: dict[str, str]) -> Declared:
    """Say what an honest applicant says."""
    return Declared(
        type=kind,
        issuing_country=country,
        given_names=who.given_names,
        surname=who.surname,
        date_of_birth=None if kind == _LETTERS else who.date_of_birth,
        document_number=None if truth.get("document_number", "X").startswith("X") else truth["document_number"],
        address=who.address if kind == _LETTERS else None,
    )
