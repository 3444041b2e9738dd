"""One reading process, one gate and one decoder for the whole room, because starting them costs more than the tests."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from backoffice import clock, specimens
from backoffice.screening import fields, mrz_lines, ocr
from backoffice.screening.decode import Decoder
from backoffice.screening.types import AMONG_DOCUMENTS, CHECK_NAMES, SourceFile

READ_ALONE = tuple(name for name in CHECK_NAMES if name not in AMONG_DOCUMENTS)
"""The checks that need nothing but the document itself."""


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


@pytest.fixture
def today() -> date:
    return clock.now().date()


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    return specimens.render("passport", specimens.person(100, nationality="FRA"))[0].data


def files_of(kind: str, holder: specimens.Person, condition: str = "photo") -> list[SourceFile]:
    rendered = specimens.render(kind, holder, condition=condition)
    return [SourceFile(file.side, file.mime_type, file.data) for file in rendered]


def read_picture(data: bytes) -> ocr.Page:
    return ocr.read(np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8))


def page_text(page: ocr.Page) -> fields.PageText:
    return fields.PageText(0, 0, page, mrz_lines.find(page))


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def pdf(pages: int = 1, *, script: bool = False, password: str = "") -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    if script:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        document.Root.OpenAction = action
    buffer = BytesIO()
    encryption = pikepdf.Encryption(owner="owner", user=password) if password else None
    document.save(buffer, encryption=encryption or False)
    return buffer.getvalue()
