"""Turns a planned specimen into what a partner would post."""

import random
from typing import Any

from backoffice import specimens
from backoffice.demo.plan import YEAR
from backoffice.specimens import Person, SpecimenFile


def holder(seed: int) -> Person:
    """Invent the holder of one specimen."""
    return specimens.person(seed, year=YEAR)


def files(kind: str, seed: int, condition: str) -> list[SpecimenFile]:
    """Render what is photographed."""
    return specimens.render(kind, holder(seed), condition=condition, seed=seed)


def applicant(kind: str, seed: int) -> dict[str, Any]:
    """Say what the applicant typed into the partner's form: what the document shows, unless it is mismatched."""
    person = holder(seed)
    typed: dict[str, Any] = {
        "given_names": person.given_names,
        "surname": person.surname,
        "date_of_birth": person.date_of_birth.isoformat(),
        "nationality": person.nationality,
        "address": person.address,
        "email": f"{_ascii(person.given_names)}.{_ascii(person.surname)}@mail.example",
    }
    number = specimens.document_number(kind, person)
    if number and seed % 3:
        typed["document_number"] = number
    return typed


def _ascii(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isascii() and letter.isalpha()) or "applicant"


def metadata(seed: int) -> dict[str, Any]:
    """Say what a partner notes beside a document."""
    dice = random.Random(seed)  # noqa: S311 a story
    return {"channel": dice.choice(("app", "web", "branch")), "product": dice.choice(("account", "card", "loan"))}
