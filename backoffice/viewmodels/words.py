"""What people call the codes, and how they write decimals: each in the language of the screen."""

from collections.abc import Mapping
from typing import TypeVar

from babel.numbers import format_decimal

from backoffice.i18n import ENGLISH, N_, gettext, language, locale

Code = TypeVar("Code")

TYPES = {
    "passport": N_("Passport"),
    "national_id": N_("ID card"),
    "driving_licence": N_("Driving licence"),
    "residence_permit": N_("Residence permit"),
    "tax_id": N_("Tax ID"),
    "proof_of_address": N_("Proof of address"),
    "selfie": N_("Selfie"),
    "other": N_("Other document"),
}
CHECKS = {
    "file_safety": N_("File safety"),
    "image_quality": N_("Image quality"),
    "classification": N_("Document type"),
    "text": N_("Readable text"),
    "mrz": N_("Machine readable zone"),
    "barcode": N_("Barcode"),
    "data_consistency": N_("Data consistency"),
    "applicant_match": N_("Applicant match"),
    "expiry": N_("Expiry"),
    "age": N_("Age"),
    "originality": N_("Originality"),
    "tampering": N_("Tampering"),
    "duplicate": N_("Duplicates"),
    "face_match": N_("Face match"),
    "policy": N_("Policy"),
}
FIELDS = {
    "full_name": N_("Name"),
    "given_names": N_("Given names"),
    "surname": N_("Surname"),
    "date_of_birth": N_("Born"),
    "document_number": N_("Number"),
    "nationality": N_("Nationality"),
    "issuing_country": N_("Issued by"),
    "issued_on": N_("Issued on"),
    "expires_on": N_("Expires on"),
    "sex": N_("Sex"),
    "personal_number": N_("Personal number"),
    "address": N_("Address"),
    "postal_code": N_("Postal code"),
    "father_name": N_("Father's name"),
    "account_number": N_("Account number"),
}
SIDES = {"front": N_("Front"), "back": N_("Back"), "selfie": N_("Selfie"), "page": N_("Page")}


def document_kind(type_: str | None, country: str | None) -> str:
    """Say what a document is: Passport NGA."""
    return " ".join(part for part in (gettext(TYPES.get(type_ or "", "Document")), country) if part)


def plain(code: str) -> str:
    """Turn an unknown code into words rather than fail."""
    return gettext(spelled(code))


def spelled(code: str) -> str:
    """Turn a code, or what somebody typed, into words that nobody looks up."""
    return code.replace("_", " ").capitalize()


def reason_words(code: str, labels: Mapping[str, str]) -> str:
    """Say a reason as the catalogue calls it."""
    return gettext(labels[code]) if code in labels else plain(code)


def spoken(words: Mapping[Code, str]) -> dict[Code, str]:
    """Look up the words of every code."""
    return {code: gettext(text) for code, text in words.items()}


def fixed(value: float, places: int, *, signed: bool = False) -> str:
    """Write a number with just so many decimals: 12.3, or +12.3 with its sign."""
    sign = "+" if signed else ""
    if language() == ENGLISH:
        return f"{value:{sign}.{places}f}"
    zeros = "0." + "0" * places if places else "0"
    return format_decimal(value, f"{sign}{zeros};-{zeros}" if signed else zeros, locale=locale())
