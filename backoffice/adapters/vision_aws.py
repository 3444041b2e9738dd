"""Rekognition and Textract through boto3: bounded in time and size, and everything they say checked for form."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# boto3 and botocore carry no types; what leaves this file is typed.

from collections.abc import Callable
from typing import Any, TypeVar

from backoffice.adapters import aws
from backoffice.adapters.vision_words import Face, Faces, Frame, Likeness, Reading, Said
from backoffice.errors import Unavailable

T = TypeVar("T")
ATTEMPTS = 2
CONNECT_SECONDS = 2.0
READ_SECONDS = 8.0
MOST_IMAGE_BYTES = 5 * 1024 * 1024
MOST_DOCUMENT_BYTES = 10 * 1024 * 1024
MOST_SIDES = 2
_LEAST_SIMILARITY = 0.0
_REKOGNITION = "rekognition-{}@2016-06-27"
"""Faces are told without a model's version; the API's own is all there is."""


class AwsVision:
    """One client per service; both are thread-safe."""

    def __init__(self, region: str, *, endpoint: str | None = None) -> None:
        bounds: dict[str, Any] = {
            "endpoint": endpoint,
            "region": region,
            "attempts": ATTEMPTS,
            "connect_seconds": CONNECT_SECONDS,
            "read_seconds": READ_SECONDS,
        }
        self._rekognition = aws.client("rekognition", **bounds)
        self._textract = aws.client("textract", **bounds)

    async def read_text(self, picture: bytes) -> Reading:
        """Read the lines of one picture; DetectText gives up after a hundred words."""
        answer = await _ask(self._rekognition.detect_text, Image=_image(picture))
        return _formed(lambda: _lines(answer))

    async def read_identity(self, pictures: list[bytes]) -> Reading:
        """Read the named values of one document, two sides at most."""
        sent = pictures[:MOST_SIDES]
        if sum(map(len, sent)) > MOST_DOCUMENT_BYTES:
            raise _too_large()
        answer = await _ask(self._textract.analyze_id, DocumentPages=[{"Bytes": one} for one in sent])
        return _formed(lambda: _values(answer))

    async def find_faces(self, picture: bytes) -> Faces:
        """Find every face with its light and sharpness."""
        answer = await _ask(self._rekognition.detect_faces, Image=_image(picture), Attributes=["DEFAULT"])
        return _formed(lambda: _faces(answer))

    async def compare_faces(self, selfie: bytes, document: bytes) -> Likeness:
        """Compare a selfie with a document; every likeness is asked for, because the threshold is ours."""
        answer = await _ask(
            self._rekognition.compare_faces,
            SourceImage=_image(selfie),
            TargetImage=_image(document),
            SimilarityThreshold=_LEAST_SIMILARITY,
        )
        return _formed(lambda: _likeness(answer))


async def _ask(function: Callable[..., Any], **arguments: object) -> Any:  # noqa: ANN401 untyped vendor
    try:
        return await aws.call("The provider of this check", function, **arguments)
    except Unavailable:
        raise
    except Exception as error:  # the vendor boundary: its parsers raise anything on a broken answer
        raise Unavailable("The provider of this check does not answer.", code="vendor_unavailable") from error


def _formed(read: Callable[[], T]) -> T:
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Unavailable("The provider of this check answered nonsense.", code="vendor_unavailable") from error


def _image(picture: bytes) -> dict[str, bytes]:
    if len(picture) > MOST_IMAGE_BYTES:
        raise _too_large()
    return {"Bytes": picture}


def _too_large() -> Unavailable:
    return Unavailable("The picture is too large for the provider of this check.", code="vendor_refused")


def _lines(answer: dict[str, Any]) -> Reading:
    found = [one for one in answer["TextDetections"] if one["Type"] == "LINE"]
    said = [
        Said(str(one["DetectedText"]), _share(one["Confidence"]), frame=_frame(one["Geometry"]["BoundingBox"]))
        for one in found
    ]
    return Reading(f"rekognition-detect-text@{answer['TextModelVersion']}", tuple(said))


def _values(answer: dict[str, Any]) -> Reading:
    said: list[Said] = []
    for document in answer["IdentityDocuments"]:
        blocks = [block for block in document.get("Blocks", []) if block.get("BlockType") == "LINE"]
        for field in document["IdentityDocumentFields"]:
            value = field["ValueDetection"]
            text, day = str(value["Text"]), str(value.get("NormalizedValue", {}).get("Value", ""))
            frame, page = _place(text, blocks)
            said.append(Said(text, _share(value["Confidence"]), str(field["Type"]["Text"]), day[:10], frame, page))
    return Reading(f"textract-analyze-id@{answer['AnalyzeIDModelVersion']}", tuple(said))


def _place(text: str, blocks: list[dict[str, Any]]) -> tuple[Frame | None, int]:
    """Find the line that holds a value: values are told without a place of their own."""
    for block in blocks:
        if text and text.lower() in str(block.get("Text", "")).lower():
            return _frame(block["Geometry"]["BoundingBox"]), int(block.get("Page", 1)) - 1
    return None, 0


def _faces(answer: dict[str, Any]) -> Faces:
    faces = [
        Face(_frame(one["BoundingBox"]), _share(one["Quality"]["Brightness"]), _share(one["Quality"]["Sharpness"]))
        for one in answer["FaceDetails"]
    ]
    faces.sort(key=lambda face: face.frame[2] * face.frame[3], reverse=True)
    return Faces(_REKOGNITION.format("detect-faces"), tuple(faces))


def _likeness(answer: dict[str, Any]) -> Likeness:
    model = _REKOGNITION.format("compare-faces")
    best = max(answer["FaceMatches"], key=lambda match: float(match["Similarity"]), default=None)
    if best is not None:
        return Likeness(model, _share(best["Similarity"]), _frame(best["Face"]["BoundingBox"]))
    other = next(iter(answer["UnmatchedFaces"]), None)
    return Likeness(model, 0.0, _frame(other["BoundingBox"])) if other else Likeness(model, None)


def _share(percent: Any) -> float:  # noqa: ANN401 untyped vendor
    return round(min(100.0, max(0.0, float(percent))) / 100, 4)


def _frame(box: dict[str, Any]) -> Frame:
    """Cut a box to the picture; faces may reach beyond its edge."""
    left, top = (min(1.0, max(0.0, float(box[side]))) for side in ("Left", "Top"))
    right = min(1.0, max(left, float(box["Left"]) + float(box["Width"])))
    bottom = min(1.0, max(top, float(box["Top"]) + float(box["Height"])))
    return round(left, 4), round(top, 4), round(right - left, 4), round(bottom - top, 4)
