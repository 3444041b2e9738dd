"""A real HTTP server that speaks as Rekognition and Textract do; what it says is held against botocore's own models."""

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import botocore.session
from botocore.validate import ParamValidator
from PIL import Image

_SESSION = botocore.session.get_session()
_SERVICES = {"RekognitionService": "rekognition", "Textract": "textract"}
_MOST = {"rekognition": 5 * 1024 * 1024, "textract": 10 * 1024 * 1024}
Answer = dict[str, Any]
BOX = {"Left": 0.05, "Top": 0.2, "Width": 0.2, "Height": 0.4}
MODEL = "rekognition-compare-faces@2016-06-27"


def value(name: str, text: str, confidence: float = 98.7, day: str = "") -> Answer:
    found: Answer = {"Text": text, "Confidence": confidence}
    if day:
        found["NormalizedValue"] = {"Value": f"{day}T00:00:00", "ValueType": "DATE"}
    return {"Type": {"Text": name}, "ValueDetection": found}


def identity(*values: Answer) -> Answer:
    blocks = [
        {"BlockType": "LINE", "Text": f"Line {one['ValueDetection']['Text']}", "Page": 1, "Confidence": 99.0,
         "Geometry": {"BoundingBox": BOX}}
        for one in values
    ]  # fmt: skip
    documents = [{"DocumentIndex": 1, "IdentityDocumentFields": list(values), "Blocks": blocks}]
    return {"IdentityDocuments": documents, "DocumentMetadata": {"Pages": 1}, "AnalyzeIDModelVersion": "1.0"}


def lines(*texts: str, confidence: float = 99.1) -> Answer:
    geometry = {"BoundingBox": BOX, "Polygon": [{"X": 0.1, "Y": 0.1}] * 4}
    found = [
        {"DetectedText": text, "Type": kind, "Id": number, "Confidence": confidence, "Geometry": geometry}
        for number, text in enumerate(texts)
        for kind in ("LINE", "WORD")
    ]
    return {"TextDetections": found, "TextModelVersion": "3.0"}


def faces(count: int = 1, *, brightness: float = 80.0, sharpness: float = 90.0) -> Answer:
    quality = {"Brightness": brightness, "Sharpness": sharpness}
    return {"FaceDetails": [{"BoundingBox": BOX, "Confidence": 99.9, "Quality": quality}] * count}


def likeness(similarity: float | None = 97.1, *, others: int = 0) -> Answer:
    face = {"BoundingBox": BOX, "Confidence": 99.9}
    matches = [] if similarity is None else [{"Similarity": similarity, "Face": face}]
    return {"SourceImageFace": face, "FaceMatches": matches, "UnmatchedFaces": [face] * others}


@dataclass
class Aws:
    """What the server answers, by operation, and what it was asked; the first trouble named comes before an answer."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, Answer]] = field(default_factory=list)
    trouble: Callable[[BaseHTTPRequestHandler], bool] = field(default=lambda _: False)
    free: threading.Event = field(default_factory=threading.Event)

    @property
    def operations(self) -> list[str]:
        return [name for name, _ in self.asked]

    @property
    def pictures(self) -> list[bytes]:
        """Every picture that was sent."""
        return [base64.b64decode(one) for _, question in self.asked for one in _bytes_in(question)]


def _bytes_in(question: Any) -> Iterator[str]:
    if isinstance(question, dict):
        for name, inside in question.items():
            yield from [inside] if name == "Bytes" else _bytes_in(inside)
    elif isinstance(question, list):
        for inside in question:
            yield from _bytes_in(inside)


def refusal(code: str, status: int = 400) -> Callable[[BaseHTTPRequestHandler], bool]:
    def trouble(handler: BaseHTTPRequestHandler) -> bool:
        _write(handler, {"__type": code, "message": "no"}, status)
        return True

    return trouble


def said(body: bytes) -> Callable[[BaseHTTPRequestHandler], bool]:
    def trouble(handler: BaseHTTPRequestHandler) -> bool:
        _write_bytes(handler, body, 200)
        return True

    return trouble


def hung_up(handler: BaseHTTPRequestHandler) -> bool:
    handler.close_connection = True
    return True


@contextmanager
def aws_vision() -> Iterator[Aws]:
    aws = Aws()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service, operation = self.headers["X-Amz-Target"].split(".")
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            aws.asked.append((operation, question))
            if not aws.trouble(self):
                _answer(self, aws, _SERVICES[service], operation)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    aws.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield aws
    finally:
        aws.free.set()
        server.shutdown()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, aws: Aws, service: str, operation: str) -> None:
    pictures = [base64.b64decode(one) for one in _bytes_in(aws.asked[-1][1])]
    if sum(map(len, pictures)) > _MOST[service] * (1 if service == "textract" else len(pictures)):
        _write(handler, {"__type": "ImageTooLargeException", "message": "no"}, 400)
        return
    assert all(Image.open(io.BytesIO(one)).format == "JPEG" for one in pictures)
    answer = aws.answers[operation]
    shape = _SESSION.get_service_model(service).operation_model(operation).output_shape
    report = ParamValidator().validate(answer, shape)
    assert not report.has_errors(), report.generate_report()
    _write(handler, answer, 200)


def _write(handler: BaseHTTPRequestHandler, answer: Answer, status: int) -> None:
    _write_bytes(handler, json.dumps(answer).encode(), status)


def _write_bytes(handler: BaseHTTPRequestHandler, body: bytes, status: int) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/x-amz-json-1.1")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
