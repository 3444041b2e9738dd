"""Faces: why there is nothing to compare, and that comparing never decides anything."""

from datetime import date

import numpy as np
import pytest

from backoffice import specimens
from backoffice.screening import face_model, faces, thresholds
from backoffice.screening.decode import Decoder
from backoffice.screening.faces import Picture
from backoffice.screening.pipeline import screen
from backoffice.screening.types import Declared, SourceFile
from tests.screening.conftest import files_of

GREY = Picture(0, 0, np.full((400, 300, 3), 128, np.uint8))
with_extra = pytest.mark.skipif(not face_model.is_installed(), reason="the optional extra `face` is not installed")


@pytest.mark.parametrize(
    ("kind", "selfies", "sentence"),
    [
        ("passport", {}, "There is no selfie to compare with."),
        ("proof_of_address", {1: GREY}, "This kind of document shows no portrait."),
        ("selfie", {0: GREY}, "There is only a selfie."),
    ],
)
def test_where_nothing_can_be_compared_it_says_why(kind: str, selfies: dict, sentence: str) -> None:
    finding = faces.match(kind, [GREY], selfies)
    assert (finding.status, finding.summary, finding.reasons) == ("not_applicable", sentence, ())


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_model, "_WEIGHTS", "a_package_that_nobody_has")
    finding = faces.match("passport", [GREY], {1: GREY})
    assert (finding.status, finding.reasons) == ("not_applicable", ())
    assert "`face`" in finding.summary


@pytest.mark.parametrize("limit", [thresholds.FACE_DISTANCE, thresholds.FACE_LIKENESS])
def test_no_likeness_fails_a_document(limit: thresholds.Threshold) -> None:
    found = {faces.judged(step / 20, "m@1", None, (0, 0), limit=limit).status for step in range(21)}
    assert found == {"passed", "warning"}
    assert faces.judged(0.0, "m@1", None, (0, 0), limit=limit).reasons == ("face_mismatch",)


def test_missing_and_many_faces_warn_where_a_face_is_due() -> None:
    assert faces.not_one_face(0, "m@1", 1).reasons == ("face_not_detected",)
    assert faces.not_one_face(3, "m@1", 1).reasons == ("multiple_faces",)
    assert faces.without_portrait("national_id", "m@1").reasons == ("face_not_detected",)
    assert faces.without_portrait("tax_id", "m@1").status == "not_applicable"


def test_the_pipeline_finds_the_selfie_by_its_side(decoder: Decoder, today: date) -> None:
    holder = specimens.person(0)
    files = [*files_of("passport", holder), SourceFile("selfie", "image/jpeg", b"\xff\xd8\xffbroken")]
    finding = screen(files, Declared(type="passport"), today=today, decoder=decoder).finding("face_match")
    assert finding
    assert finding.status == ("error" if face_model.is_installed() else "not_applicable")


@with_extra
def test_a_portrait_is_compared_with_the_selfie(decoder: Decoder, today: date) -> None:
    """Drawn faces are all alike to a model of photographs, so that only the same one proves anything here."""
    files = [*files_of("passport", specimens.person(0)), *files_of("selfie", specimens.person(0))]
    finding = screen(files, Declared(type="passport"), today=today, decoder=decoder).finding("face_match")
    assert finding
    assert (finding.status, finding.reasons, finding.file_index) == ("passed", (), 0)
    assert (finding.model, finding.threshold) == (face_model.MODEL, 0.4)
    assert finding.box


@with_extra
def test_a_selfie_of_nobody_warns() -> None:
    finding = faces.match("passport", [GREY], {1: GREY})
    assert (finding.status, finding.reasons) == ("warning", ("face_not_detected",))
