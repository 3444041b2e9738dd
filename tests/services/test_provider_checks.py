"""Checks by a provider: asked only where a setting says so, shown only safe pictures, and never believed when late."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from backoffice import specimens
from backoffice.adapters import vision as adapter
from backoffice.adapters import vision_aws
from backoffice.adapters.storage import storage_for
from backoffice.db import transaction
from backoffice.models.documents import Check, Document, File
from backoffice.screening.runner import Screener
from backoffice.screening.types import AMONG_DOCUMENTS, CHECK_NAMES, Declared, Derivative, Extracted, Finding, Screening
from backoffice.services import files, magic_documents, provider_checks, screenings, vault
from backoffice.services.provider_checks import Subject, consult
from backoffice.settings import SettingsError, settings
from tests import aws_vision
from tests.aws_vision import Aws
from tests.screening.hostile.pictures import jpeg
from tests.services.review_cast import make_cast, submitted
from tests.services.test_screenings import EVERYONE, begin, complete

TODAY = date(2026, 11, 26)
ALL = frozenset({"text", "image_quality", "face_match"})
ALONE = tuple(name for name in CHECK_NAMES if name not in AMONG_DOCUMENTS)
PASSED = tuple(Finding(name, "passed", 1.0, 0.5, "local@1") for name in CHECK_NAMES)
ERIKSSON = aws_vision.identity(
    aws_vision.value("FIRST_NAME", "ANNA"),
    aws_vision.value("MIDDLE_NAME", "MARIA", 97.0),
    aws_vision.value("LAST_NAME", "ERIKSSON"),
    aws_vision.value("DOCUMENT_NUMBER", "L 898-902C3"),
    aws_vision.value("DATE_OF_BIRTH", "12 AUG 1974", 99.0, "1974-08-12"),
    aws_vision.value("EXPIRATION_DATE", "15 APR 2030", 99.0, "2030-04-15"),
    aws_vision.value("ADDRESS", "1 GUESSED STREET", 55.0),
    aws_vision.value("DATE_OF_ISSUE", "sometime", 99.0),
)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_vision.aws_vision() as server:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("BACKOFFICE_SCREENING_AWS_REGION", "eu-west-1")
        monkeypatch.setenv("BACKOFFICE_SCREENING_AWS_ENDPOINT", server.url)
        server.answers |= {
            "AnalyzeID": ERIKSSON,
            "DetectText": aws_vision.lines("ELECTRICITY BILL"),
            "DetectFaces": aws_vision.faces(),
            "CompareFaces": aws_vision.likeness(),
        }
        yield server
    settings.cache_clear()
    adapter.vision.cache_clear()


def choose(monkeypatch: pytest.MonkeyPatch, *checks: str) -> None:
    for check in checks:
        monkeypatch.setenv(f"BACKOFFICE_SCREENING_{check.upper()}", "aws")
    settings.cache_clear()
    adapter.vision.cache_clear()


def view(file_index: int, page: int = 0) -> Derivative:
    return Derivative(file_index, page, "view", 640, 400, jpeg())


def subject(kind: str | None = "passport", *sides: str, declared: Declared = Declared(), **changes) -> Subject:  # noqa: B008
    sides = sides or ("front", "selfie")
    pictures = tuple(view(index) for index in range(len(sides)))
    screening = Screening(PASSED, type_guess=kind, derivatives=pictures)
    return Subject(replace(screening, **changes), sides, declared, TODAY)


async def asked(checks: frozenset[str], one: Subject) -> Screening:
    settings.cache_clear()
    adapter.vision.cache_clear()
    return await consult(adapter.vision(), checks, one)


def found(screening: Screening, name: str) -> Finding:
    finding = screening.finding(name)
    assert finding
    return finding


async def test_values_name_the_providers_model_and_what_is_unsure_is_missing(aws: Aws) -> None:
    screening = await asked(frozenset({"text"}), subject())
    values = {one.name: (one.value, one.source, one.model) for one in screening.extracted}
    model = "textract-analyze-id@1.0"
    assert values == {
        "given_names": ("ANNA MARIA", "text", model), "surname": ("ERIKSSON", "text", model),
        "document_number": ("L898902C3", "text", model), "date_of_birth": ("1974-08-12", "text", model),
        "expires_on": ("2030-04-15", "text", model),
    }  # fmt: skip
    text = found(screening, "text")
    assert (text.status, text.model, text.threshold) == ("passed", model, 0.8)
    assert next(one for one in screening.extracted if one.name == "surname").box == (0.05, 0.2, 0.2, 0.4)
    assert [len(aws.pictures), aws.operations] == [1, ["AnalyzeID"]]


async def test_machine_readable_values_stay_and_comparing_checks_compare_again(aws: Aws) -> None:
    local = (
        Extracted("document_number", "X00000001", 0.99, "mrz"), Extracted("surname", "MUSTER", 0.9, "text"),
        Extracted("nationality", "SWE", 0.9, "text"),
    )  # fmt: skip
    declared = Declared(full_name="Otto Muster", date_of_birth=date(1974, 8, 12))
    screening = await asked(frozenset({"text"}), subject(declared=declared, extracted=local))
    assert screening.value("document_number") == "X00000001"
    assert screening.value("surname") == "ERIKSSON"
    assert screening.value("nationality") == "SWE"
    apart = found(screening, "data_consistency")
    assert (apart.status, apart.reasons) == ("failed", ("data_inconsistent",))
    assert found(screening, "applicant_match").reasons == ("name_mismatch",)
    assert found(screening, "expiry").status == "passed"
    assert found(screening, "age").score == 52.0


async def test_an_error_found_here_stays_one(aws: Aws) -> None:
    broken = tuple(replace(one, status="error") if one.name == "expiry" else one for one in PASSED)
    screening = await asked(frozenset({"text"}), subject(findings=broken))
    assert found(screening, "expiry").status == "error"


async def test_other_papers_are_read_by_lines(aws: Aws) -> None:
    screening = await asked(ALL, subject("proof_of_address", "front", "selfie"))
    assert found(screening, "text").model == "rekognition-detect-text@3.0"
    assert found(screening, "image_quality").model == "local@1"
    assert found(screening, "face_match").status == "not_applicable"
    assert aws.operations == ["DetectText"]


async def test_portraits_tell_light_and_sharpness(aws: Aws) -> None:
    for look, reason in (({"brightness": 12.0}, "image_too_dark"), ({"sharpness": 12.0}, "image_blurred")):
        aws.answers["DetectFaces"] = aws_vision.faces(**look)
        quality = found(await asked(frozenset({"image_quality"}), subject()), "image_quality")
        assert (quality.status, quality.score, quality.reasons) == ("failed", 0.12, (reason,))
    aws.answers["DetectFaces"] = aws_vision.faces(0)
    quality = found(await asked(frozenset({"image_quality"}), subject()), "image_quality")
    assert (quality.status, quality.reasons) == ("warning", ("face_not_detected",))


@pytest.mark.parametrize(
    ("kind", "sides", "answers", "expected"),
    [
        ("passport", ("front",), (1, aws_vision.likeness()), ("not_applicable", ())),
        ("selfie", ("selfie",), (1, aws_vision.likeness()), ("not_applicable", ())),
        ("passport", ("front", "selfie"), (1, aws_vision.likeness(97.1)), ("passed", ())),
        ("passport", ("front", "selfie"), (1, aws_vision.likeness(61.0)), ("warning", ("face_mismatch",))),
        ("passport", ("front", "selfie"), (1, aws_vision.likeness(None, others=1)), ("warning", ("face_mismatch",))),
        ("passport", ("front", "selfie"), (1, aws_vision.likeness(None)), ("warning", ("face_not_detected",))),
        ("tax_id", ("front", "selfie"), (1, aws_vision.likeness(None)), ("not_applicable", ())),
        ("passport", ("front", "selfie"), (0, aws_vision.likeness()), ("warning", ("face_not_detected",))),
        ("passport", ("front", "selfie"), (2, aws_vision.likeness()), ("warning", ("multiple_faces",))),
    ],
)  # fmt: skip
async def test_faces_are_a_hint_and_never_fail_a_document(aws: Aws, kind, sides, answers, expected) -> None:
    selfie, alike = answers
    aws.answers |= {"DetectFaces": aws_vision.faces(selfie), "CompareFaces": alike}
    match = found(await asked(frozenset({"face_match"}), subject(kind, *sides)), "face_match")
    assert (match.status, match.reasons) == expected
    assert match.summary
    if len(sides) == 1:
        assert aws.asked == []


@pytest.mark.parametrize(
    "trouble",
    [
        aws_vision.refusal("ThrottlingException"), aws_vision.refusal("InternalServerError", 500), aws_vision.hung_up,
        aws_vision.said(b"<html>"), aws_vision.said(b"{}"), None,
    ],
)  # fmt: skip
async def test_a_provider_in_trouble_is_an_error_and_never_an_approval(aws: Aws, trouble, caplog, monkeypatch) -> None:
    if trouble is None:
        monkeypatch.setattr(vision_aws, "READ_SECONDS", 0.2)
    aws.trouble = trouble or (lambda _: aws.free.wait(30))
    screening = await asked(ALL, subject())
    for name in ALL:
        assert (found(screening, name).status, found(screening, name).reasons) == ("error", ("check_unavailable",))
    assert {one.status for one in screening.findings if one.name not in ALL} == {"passed"}
    assert screening.risk_score > 0.4
    assert {record.message for record in caplog.records} <= {"provider_failed"}


async def test_a_check_that_takes_too_long_altogether_is_an_error(aws: Aws, monkeypatch) -> None:
    monkeypatch.setattr(provider_checks, "SECONDS", 0.1)
    aws.trouble = lambda _: aws.free.wait(30)
    assert found(await asked(frozenset({"text"}), subject()), "text").status == "error"


async def test_without_a_safe_picture_nothing_is_sent(aws: Aws) -> None:
    screening = await asked(ALL, subject(derivatives=()))
    assert {found(screening, name).status for name in ALL} == {"error"}
    assert aws.asked == []


def test_a_provider_without_a_region_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_SCREENING_TEXT", "aws")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="BACKOFFICE_SCREENING_AWS_REGION"):
        settings()
    monkeypatch.setenv("BACKOFFICE_SCREENING_TEXT", "elsewhere")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="BACKOFFICE_SCREENING_TEXT"):
        settings()
    monkeypatch.delenv("BACKOFFICE_SCREENING_TEXT")
    settings.cache_clear()
    assert settings().provided_checks == frozenset()


async def with_selfie(cast, data: bytes, selfie: bytes, **fields):
    document_id = await submitted(cast, data=data, type="passport", **fields)
    async with transaction(EVERYONE) as session:
        document = await session.get(Document, document_id)
        key = await vault.data_key(session, document.applicant_id)
        file = File(
            partner_id=cast.partner.id, document_id=document_id, position=1, side="selfie", mime_type="image/jpeg",
            bytes=len(selfie), sha256=hashlib.sha256(selfie).hexdigest(), width=900, height=1200, storage_key="",
        )  # fmt: skip
        file.storage_key = files.storage_key(document, file.id)
        await storage_for("default").put(file.storage_key, files.seal_file(key, file.id, selfie))
        session.add(file)
    return document_id


class Local:
    """A reader that found everything in order."""

    async def screen(self, sources, *_, **__):
        pictures = tuple(view(index) for index in range(len(sources)))
        alone = tuple(one for one in PASSED if one.name in ALONE)
        return Screening(alone, type_guess="passport", derivatives=pictures)


async def test_nothing_leaves_the_house_by_default_nor_for_the_sandboxs_pictures(database, aws: Aws, monkeypatch):
    document_id = await submitted(await make_cast())
    settings.cache_clear()
    await screenings.run(await begin(document_id), Local(), timeout=5)
    choose(monkeypatch, *ALL)
    data = magic_documents.named("in_review").read()
    magic = await begin(await submitted(await make_cast(), data=data, livemode=False))
    assert magic.magic
    await screenings.run(magic, Local(), timeout=5)
    assert aws.asked == []
    await screenings.run(await begin(document_id), Local(), timeout=5)
    assert aws.operations


@pytest.mark.slow
async def test_a_document_read_by_a_provider_shows_whose_models_did_it(database, aws: Aws, monkeypatch):
    choose(monkeypatch, *ALL)
    holder = specimens.person(31, nationality="FRA")
    exif = Image.Exif()
    exif[0x010E] = "Anna"
    buffer = BytesIO()
    Image.open(BytesIO(specimens.render("passport", holder)[0].data)).save(buffer, "JPEG", exif=exif)
    selfie = specimens.render("selfie", holder)[0].data
    document_id = await with_selfie(await make_cast(), buffer.getvalue(), selfie)
    assignment, screener = await begin(document_id), Screener()
    screening = await screenings.run(assignment, screener, timeout=60)
    await screener.close()
    task = await complete(assignment, screening)
    async with transaction(EVERYONE) as session:
        rows = (await session.execute(select(Check).where(Check.document_id == document_id))).scalars()
        models = {row.name: row.model for row in rows}
        document = await session.get(Document, document_id)
        key = await vault.data_key(session, document.applicant_id)
        values = vault.open_json(key, document.extracted_box, row=document_id, column=screenings.EXTRACTED_COLUMN)
    assert models["text"] == "textract-analyze-id@1.0"
    assert models["image_quality"] == "rekognition-detect-faces@2016-06-27"
    assert models["face_match"] == aws_vision.MODEL
    assert models["mrz"] == "icao9303@1"
    assert values["document_number"]["source"] == "mrz"
    assert "model" not in values["document_number"]
    assert "data_inconsistent" in task.flags
    assert all(not Image.open(BytesIO(picture)).getexif() for picture in aws.pictures)
    assert buffer.getvalue() not in aws.pictures
    assert sorted(set(aws.operations)) == ["AnalyzeID", "CompareFaces", "DetectFaces"]
    assert len(aws.asked) == 5


async def test_throttled_checks_bring_the_document_before_a_person(database, aws: Aws, monkeypatch):
    choose(monkeypatch, "face_match")
    aws.trouble = aws_vision.refusal("ProvisionedThroughputExceededException")
    assignment = await begin(await with_selfie(await make_cast(), jpeg(), jpeg()))
    screening = await screenings.run(assignment, Local(), timeout=5)
    assert [one.name for one in screening.findings] == list(ALONE)
    task = await complete(assignment, screening)
    assert (task.why, task.flags) == ("A check could not run", ["check_unavailable"])
