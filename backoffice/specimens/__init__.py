"""Specimen documents of invented people for the demo and the tests: valid MRZ, visibly marked SPECIMEN."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from backoffice.specimens import american, camera, cards, letters, licences, passports
from backoffice.specimens.people import Person, person
from backoffice.specimens.portrait import portrait

__all__ = ["CONDITIONS", "KINDS", "Person", "SpecimenFile", "document_number", "person", "render", "shown"]

KINDS = (
    "passport", "national_id", "residence_permit", "driving_licence", "american_licence", "proof_of_address", "selfie",
)  # fmt: skip
"""Document types, and `american_licence`: a driving licence with a barcode on its back."""
CONDITIONS = ("clean", "photo", "blurred", "glare", "dark", "rotated", "low_res", "expired", "mismatched")


@dataclass(frozen=True, slots=True)
class SpecimenFile:
    """One rendered side, ready to be posted."""

    side: str
    filename: str
    mime_type: str
    data: bytes


def render(kind: str, holder: Person, *, condition: str = "photo", seed: int | None = None) -> list[SpecimenFile]:
    """Render every side of one document as JPEG; the same arguments give the same bytes."""
    if kind not in KINDS or condition not in CONDITIONS:
        message = f"There is no specimen {kind} in condition {condition}."
        raise ValueError(message)
    dice = random.Random(holder.seed if seed is None else seed)
    sides = _SIDES[kind](shown(holder, condition))
    return [
        SpecimenFile(side, f"{kind}-{holder.seed}-{side}.jpg", "image/jpeg", _jpeg(image, condition, dice))
        for side, image in sides.items()
    ]


def shown(holder: Person, condition: str) -> Person:
    """Say what the document shows under a condition: `expired` and `mismatched` change its data."""
    if condition == "expired":
        return replace(holder, issued_on=_ten_years_before(holder.issued_on), expires_on=holder.issued_on)
    if condition == "mismatched":
        other = person(holder.seed + 7001, nationality=holder.nationality)
        return replace(holder, surname=_other_surname(holder, other), date_of_birth=other.date_of_birth)
    return holder


def document_number(kind: str, holder: Person) -> str:
    """Say which number a kind of document carries for this holder; empty where it carries none."""
    if kind == "passport":
        return holder.document_number
    if kind in {"national_id", "residence_permit"}:
        return cards.card_number(holder, kind)
    return licences.licence_number(holder) if kind in {"driving_licence", "american_licence"} else ""


def _ten_years_before(day: date) -> date:
    return day.replace(year=day.year - 10)


def _other_surname(holder: Person, other: Person) -> str:
    while other.surname == holder.surname:
        other = person(other.seed + 1, nationality=holder.nationality)
    return other.surname


_SIDES: dict[str, Callable[[Person], dict[str, Image.Image]]] = {
    "passport": lambda holder: {"front": passports.data_page(holder)},
    "national_id": lambda holder: {
        "front": cards.front(holder, "national_id"),
        "back": cards.back(holder, "national_id"),
    },
    "residence_permit": lambda holder: {
        "front": cards.front(holder, "residence_permit"),
        "back": cards.back(holder, "residence_permit"),
    },
    "driving_licence": lambda holder: (
        _SIDES["american_licence"](holder)
        if holder.nationality == "USA"
        else {"front": licences.front(holder), "back": licences.back(holder)}
    ),
    "american_licence": lambda holder: {"front": american.front(holder), "back": american.back(holder)},
    "proof_of_address": lambda holder: {"page": letters.bill(holder)},
    "selfie": lambda holder: {"selfie": portrait(holder.seed, holder.sex, 900, 1200, backdrop=(176, 190, 200))},
}


def _jpeg(image: Image.Image, condition: str, dice: random.Random) -> bytes:
    flat = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR)
    taken = cv2.cvtColor(camera.photograph(flat, condition, dice), cv2.COLOR_BGR2RGB)
    buffer = BytesIO()
    Image.fromarray(taken).save(buffer, "JPEG", quality=70 if condition == "low_res" else 84)
    return buffer.getvalue()
