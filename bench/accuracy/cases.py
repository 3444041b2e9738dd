"""The set: templates under conditions, each with a holder and a seed of its own; the same in every run."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from backoffice import specimens
from backoffice.screening.types import Declared, SourceFile
from backoffice.specimens.people import Person
from bench.accuracy import captures, development, heard, held_out, known, met, seen, shown, spent, varied
from bench.accuracy.people import YEAR
from bench.accuracy.printing import Drawn

Split = Literal["development", "known", "spent", "seen", "shown", "met", "heard", "varied", "held_out"]
Flaw = Literal["expired", "blurred", "mismatched"]
_SPLITS = {
    "development": development, "known": known, "spent": spent, "seen": seen, "shown": shown, "met": met,
    "heard": heard, "varied": varied, "held_out": held_out,
}  # fmt: skip
TODAY = date(YEAR, 11, 26)
_EACH, _BESIDE, _RING = 15, 5, 20
"""So many templates go through each condition, in turn; the baseline, which is slow, reads the first of them.

A split of several rings moves on by as many templates, so that all have their turn.
"""
_LETTER, _LETTERS = "proof_of_address", ("statement", "bill", "invoice")
_SPECIMEN_SEEDS = range(900, 903)
_PER_FLAW = 12


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
    templates = list(_SPLITS[split].TEMPLATES)
    step = max(1, len(templates) // _RING)
    listed: list[tuple[str, str]] = []
    for turn, condition in enumerate(captures.ALL):
        if condition == captures.PDF:
            listed += [(template, condition) for template in templates if template.rpartition("_")[2] in _LETTERS]
        else:
            start = turn * step % len(templates)
            ring = templates[start:] + templates[:start]
            listed += [(template, condition) for template in ring[:_EACH]]
    return listed


def beside(split: Split) -> set[tuple[str, str]]:
    """Name the cases that the baseline reads too: a third of each condition, and every PDF."""
    counted: Counter[str] = Counter()
    chosen: set[tuple[str, str]] = set()
    for name in names(split):
        counted[name[1]] += 1
        if counted[name[1]] <= _BESIDE:
            chosen.add(name)
    return chosen


def sampled(listed: list[tuple[str, str]], sample: int) -> list[tuple[str, str]]:
    """Take all, or `sample` of them spread over the list."""
    if not sample or sample >= len(listed):
        return listed
    return sorted(random.Random(7).sample(listed, sample), key=listed.index)


def make(split: Split, template: str, condition: str) -> Case:
    """Make one case."""
    who, drawn = _SPLITS[split].draw(template, _seed(split, template, condition))
    dice = random.Random(f"{split}{template}{condition}")
    return Case(template, condition, drawn.kind, _files(drawn, condition, dice), _declared(who, drawn),
                dict(drawn.truth), drawn.zone)  # fmt: skip


def flawed(flaw: Flaw) -> list[tuple[str, str]]:
    """List held-out templates on which a flaw can show: letters do not expire."""
    templates = [name for name in held_out.TEMPLATES if name.rpartition("_")[2] not in _LETTERS]
    with_expiry = [name for name in templates if "expires_on" in held_out.draw(name, 1)[1].truth]
    return [(name, flaw) for name in (with_expiry if flaw == "expired" else templates)[:_PER_FLAW]]


def make_flawed(template: str, flaw: Flaw) -> Case:
    """Make a photo of a held-out document with one thing wrong."""
    dice = random.Random(f"{template}{flaw}")
    who, drawn = held_out.draw(template, 7000 + len(flaw), _aged if flaw == "expired" else lambda who: who)
    declared = _declared(who, drawn)
    if flaw == "mismatched":
        declared = replace(declared, surname="Abernethy-Castellanos", given_names="Wilhelmina")
    condition = "far_blurred" if flaw == "blurred" else "photo"
    return Case(template, flaw, drawn.kind, _files(drawn, condition, dice), declared, dict(drawn.truth), drawn.zone)


def specimen_names() -> list[tuple[str, str]]:
    """List the product's own specimens as they are good: the demo and the sandbox live on them."""
    return [
        (f"{kind}:{seed}", condition)
        for kind in specimens.KINDS for seed in _SPECIMEN_SEEDS for condition in ("clean", "photo")
    ]  # fmt: skip


def make_specimen(name: str, condition: str) -> Case:
    """Make a case of one of the product's own specimens; only its checks are counted, never its fields."""
    kind, _, seed = name.partition(":")
    who = specimens.person(int(seed), year=YEAR)
    files = tuple(
        SourceFile(file.side, file.mime_type, file.data) for file in specimens.render(kind, who, condition=condition)
    )
    shown = "driving_licence" if kind == "american_licence" else kind
    is_letter = kind == _LETTER
    declared = Declared(
        type=shown, given_names=who.given_names, surname=who.surname, address=who.address if is_letter else None,
        date_of_birth=None if is_letter else who.date_of_birth,
        document_number=specimens.document_number(kind, who) or None,
    )  # fmt: skip
    return Case(name, condition, shown, files, declared, {}, ())


def _seed(split: Split, template: str, condition: str) -> int:
    return (captures.ALL.index(condition) + 1) * 100 + list(_SPLITS[split].TEMPLATES).index(template)


def _files(drawn: Drawn, condition: str, dice: random.Random) -> tuple[SourceFile, ...]:
    if condition == captures.PDF:
        return tuple(SourceFile(side, "application/pdf", page.pdf()) for side, page in drawn.sides.items())
    return tuple(
        SourceFile(side, "image/jpeg", captures.capture(page.image(), condition, dice))
        for side, page in drawn.sides.items()
    )


def _aged(who: Person) -> Person:
    return replace(
        who, issued_on=who.issued_on.replace(year=who.issued_on.year - 10),
        expires_on=who.expires_on.replace(year=who.expires_on.year - 10),
    )  # fmt: skip


def _declared(who: Person, drawn: Drawn) -> Declared:
    """Say what an honest applicant says."""
    number = drawn.truth.get("document_number", "X")
    is_letter = drawn.kind == _LETTER
    return Declared(
        type=drawn.kind,
        issuing_country=drawn.country,
        given_names=who.given_names,
        surname=who.surname,
        date_of_birth=None if is_letter else who.date_of_birth,
        document_number=None if number.startswith("X") else number,
        address=who.address if is_letter else None,
    )
