"""Pictures at a provider over real HTTP: what it says in our words, and every way in which it can fail."""

from collections.abc import Iterator

import pytest

from backoffice.adapters import vision_aws
from backoffice.adapters.vision_aws import AwsVision
from backoffice.errors import Unavailable
from tests import aws_vision
from tests.aws_vision import Aws
from tests.screening.hostile.pictures import jpeg

PICTURE = jpeg()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with aws_vision.aws_vision() as server:
        yield server


@pytest.fixture
def provider(aws: Aws) -> AwsVision:
    return AwsVision("eu-west-1", endpoint=aws.url)


async def test_lines_come_with_confidence_and_place(aws: Aws, provider: AwsVision) -> None:
    aws.answers["DetectText"] = aws_vision.lines("INCOME TAX DEPARTMENT", "ABCDE1234F", confidence=97.5)
    reading = await provider.read_text(PICTURE)
    assert reading.model == "rekognition-detect-text@3.0"
    assert [one.text for one in reading.said] == ["INCOME TAX DEPARTMENT", "ABCDE1234F"]
    assert (reading.said[0].confidence, reading.said[0].frame) == (0.975, (0.05, 0.2, 0.2, 0.4))
    assert aws.pictures == [PICTURE]


async def test_values_of_an_identity_document_have_names_dates_and_places(aws: Aws, provider: AwsVision) -> None:
    aws.answers["AnalyzeID"] = aws_vision.identity(
        aws_vision.value("DATE_OF_BIRTH", "12 AUG 1974", 99.0, "1974-08-12"), aws_vision.value("CLASS", "")
    )
    reading = await provider.read_identity([PICTURE] * 3)
    assert reading.model == "textract-analyze-id@1.0"
    born, other = reading.said
    assert (born.name, born.day, born.frame, born.picture) == ("DATE_OF_BIRTH", "1974-08-12", (0.05, 0.2, 0.2, 0.4), 0)
    assert (other.text, other.frame) == ("", None)
    assert len(aws.pictures) == 2


async def test_faces_come_largest_first_and_inside_the_picture(aws: Aws, provider: AwsVision) -> None:
    small, large = aws_vision.faces()["FaceDetails"][0], aws_vision.faces(sharpness=40)["FaceDetails"][0]
    large = large | {"BoundingBox": {"Left": -0.1, "Top": 0.5, "Width": 0.6, "Height": 0.9}}
    aws.answers["DetectFaces"] = {"FaceDetails": [small, large]}
    found = await provider.find_faces(PICTURE)
    assert found.model == "rekognition-detect-faces@2016-06-27"
    assert [face.frame for face in found.faces] == [(0.0, 0.5, 0.5, 0.5), (0.05, 0.2, 0.2, 0.4)]
    assert (found.faces[0].brightness, found.faces[0].sharpness) == (0.8, 0.4)


@pytest.mark.parametrize(
    ("answer", "similarity"),
    [(aws_vision.likeness(97.1), 0.971), (aws_vision.likeness(None, others=2), 0.0), (aws_vision.likeness(None), None)],
)
async def test_likeness_is_told_apart_from_no_face(
    aws: Aws, provider: AwsVision, answer: dict[str, object], similarity: float | None
) -> None:
    aws.answers["CompareFaces"] = answer
    found = await provider.compare_faces(PICTURE, PICTURE)
    assert (found.model, found.similarity) == (aws_vision.MODEL, similarity)
    assert aws.asked[0][1]["SimilarityThreshold"] == 0.0


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
async def test_throttling_is_tried_once_more_and_then_unavailable(aws: Aws, provider: AwsVision, code: str) -> None:
    aws.trouble = aws_vision.refusal(code)
    with pytest.raises(Unavailable):
        await provider.read_text(PICTURE)
    assert len(aws.asked) == vision_aws.ATTEMPTS


@pytest.mark.parametrize(
    "trouble",
    [
        aws_vision.refusal("AccessDeniedException"),
        aws_vision.refusal("ResourceNotFoundException", 404),
        aws_vision.refusal("InternalServerError", 500),
        aws_vision.hung_up,
        aws_vision.said(b"<html>a proxy's page</html>"),
        aws_vision.said(b"{}"),
        aws_vision.said(b'{"TextDetections": [{"Type": "LINE", "Confidence": "many"}], "TextModelVersion": "3"}'),
        aws_vision.said(b'{"TextDetections": 7}'),
    ],
)
async def test_whatever_goes_wrong_there_is_unavailable_here(aws: Aws, provider: AwsVision, trouble) -> None:
    aws.trouble = trouble
    with pytest.raises(Unavailable):
        await provider.read_text(PICTURE)


async def test_a_provider_that_never_answers_is_given_up(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision_aws, "READ_SECONDS", 0.2)
    aws.trouble = lambda _: aws.free.wait(60)
    with pytest.raises(Unavailable):
        await AwsVision("eu-west-1", endpoint=aws.url).find_faces(PICTURE)
    assert len(aws.asked) == vision_aws.ATTEMPTS
    assert not aws.free.is_set()


async def test_a_provider_that_is_not_there_is_unavailable(aws: Aws) -> None:
    with pytest.raises(Unavailable):
        await AwsVision("eu-west-1", endpoint="http://127.0.0.1:9").read_text(PICTURE)


async def test_pictures_that_are_too_large_are_never_sent(aws: Aws, provider: AwsVision) -> None:
    with pytest.raises(Unavailable):
        await provider.read_text(bytes(vision_aws.MOST_IMAGE_BYTES + 1))
    with pytest.raises(Unavailable):
        await provider.read_identity([bytes(vision_aws.MOST_DOCUMENT_BYTES // 2 + 1)] * 2)
    assert aws.asked == []
