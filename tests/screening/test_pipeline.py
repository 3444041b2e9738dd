"""Whole documents through every check, and what happens when a part of the machinery breaks."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from PIL import Image

from backoffice import specimens
from backoffice.screening.decode import Decoder
from backoffice.screening.pipeline import screen
from backoffice.screening.types import EXTRACTED_NAMES, Declared, Screening, SourceFile
from tests.screening.conftest import READ_ALONE, encoded, files_of


def declared_of(holder: specimens.Person, kind: str = "passport") -> Declared:
    return Declared(
        type=kind, issuing_country=holder.nationality, given_names=holder.given_names, surname=holder.surname,
        date_of_birth=holder.date_of_birth, document_number=specimens.document_number(kind, holder),
    )  # fmt: skip


def statuses(screening: Screening) -> dict[str, str]:
    return {finding.name: finding.status for finding in screening.findings}


def test_a_good_passport_passes_everything(decoder: Decoder, today: date) -> None:
    holder = specimens.person(21, nationality="FRA")
    screening = screen(files_of("passport", holder), declared_of(holder), today=today, decoder=decoder)
    assert tuple(finding.name for finding in screening.findings) == READ_ALONE
    found = statuses(screening)
    assert (found.pop("barcode"), found.pop("face_match")) == ("not_applicable", "not_applicable")
    assert set(found.values()) == {"passed"}
    assert (screening.type_guess, screening.country_guess) == ("passport", "FRA")
    assert {field.name for field in screening.extracted} <= set(EXTRACTED_NAMES)
    assert screening.value("date_of_birth") == holder.date_of_birth.isoformat()
    assert screening.risk_score == 0
    assert all(finding.summary for finding in screening.findings)
    assert [picture.kind for picture in screening.derivatives] == ["view", "thumbnail", "forensics"]
    assert Image.open(BytesIO(screening.derivatives[0].data)).size == (1600, 1100)


def test_an_identity_card_is_read_from_both_sides(decoder: Decoder, today: date) -> None:
    holder = specimens.person(22, nationality="ESP")
    screening = screen(
        files_of("national_id", holder), declared_of(holder, "national_id"), today=today, decoder=decoder
    )
    assert screening.type_guess == "national_id"
    assert {field.file_index for field in screening.extracted} == {0, 1}
    assert statuses(screening)["data_consistency"] == "passed"
    assert screening.value("personal_number") == holder.personal_number


def test_an_expired_document_fails_expiry(decoder: Decoder, today: date) -> None:
    holder = specimens.person(23)
    files = files_of("passport", holder, "expired")
    finding = screen(files, Declared(), today=today, decoder=decoder).finding("expiry")
    assert finding
    assert (finding.status, finding.reasons) == ("failed", ("document_expired",))
    assert finding.box


def test_somebody_elses_document_fails_the_comparison(decoder: Decoder, today: date) -> None:
    holder = specimens.person(24)
    files = files_of("passport", holder, "mismatched")
    finding = screen(files, declared_of(holder), today=today, decoder=decoder).finding("applicant_match")
    assert finding
    assert finding.status == "failed"
    assert set(finding.reasons) == {"name_mismatch", "dob_mismatch"}


@pytest.mark.parametrize(
    ("condition", "reason"), [("blurred", "image_blurred"), ("glare", "image_glare"), ("dark", "image_too_dark")]
)
def test_bad_pictures_are_named(decoder: Decoder, today: date, condition: str, reason: str) -> None:
    files = files_of("passport", specimens.person(25), condition)
    finding = screen(files, Declared(), today=today, decoder=decoder).finding("image_quality")
    assert finding
    assert finding.status in {"warning", "failed"}
    assert reason in finding.reasons


def test_values_that_a_reflection_touches_are_missing_not_wrong(decoder: Decoder, today: date) -> None:
    holder = specimens.person(3001)
    files = files_of("driving_licence", holder, "glare")
    screening = screen(files, Declared(), today=today, decoder=decoder)
    assert screening.value("document_number") == specimens.document_number("driving_licence", holder)
    assert screening.value("date_of_birth") in {None, holder.date_of_birth.isoformat()}
    assert screening.value("expires_on") in {None, holder.expires_on.isoformat()}


def test_a_minor_and_a_wrong_type_are_found(decoder: Decoder, today: date) -> None:
    holder = replace(specimens.person(26), date_of_birth=today - timedelta(days=365 * 15))
    screening = screen(files_of("passport", holder), Declared(type="driving_licence"), today=today, decoder=decoder)
    age, kind = screening.finding("age"), screening.finding("classification")
    assert age
    assert age.reasons == ("under_age",)
    assert kind
    assert (kind.status, kind.reasons) == ("failed", ("document_type_mismatch",))


def test_an_empty_desk_is_no_document(decoder: Decoder, today: date) -> None:
    data = encoded(Image.new("RGB", (800, 600), (120, 120, 120)), "JPEG")
    screening = screen([SourceFile("front", "image/jpeg", data)], Declared(), today=today, decoder=decoder)
    found = statuses(screening)
    assert found["text"] == "failed"
    assert found["classification"] == "warning"
    assert screening.extracted == ()


def test_a_hanging_decoder_costs_that_file_only(today: date, jpeg: bytes) -> None:
    hanging = Decoder("tests.screening.children.hanging", seconds=0.5)
    screening = screen([SourceFile("front", "image/jpeg", jpeg)], Declared(), today=today, decoder=hanging)
    found = statuses(screening)
    assert found.pop("face_match") == "not_applicable"
    assert set(found.values()) == {"error"}
    assert {finding.reasons for finding in screening.findings if finding.name in found} == {("check_unavailable",)}
    assert screening.risk_score > 0.5


def test_one_file_that_crashes_the_decoder_leaves_the_other_readable(
    decoder: Decoder, today: date, jpeg: bytes
) -> None:
    files = [SourceFile("front", "image/jpeg", jpeg), SourceFile("back", "image/jpeg", b"\xff\xd8\xff broken")]
    screening = screen(files, Declared(), today=today, decoder=decoder)
    found = statuses(screening)
    assert found["file_safety"] == "failed"
    assert found["mrz"] == "passed"
