"""The heat-map: it shows what was pasted, is drawn in the limited child, and never harms a screening."""

from datetime import date
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from backoffice import specimens
from backoffice.screening import derivatives, error_levels
from backoffice.screening.decode import Decoder, Raster, UndecodableError
from backoffice.screening.pipeline import screen
from backoffice.screening.types import Declared, SourceFile
from tests.screening.conftest import encoded, files_of, pdf
from tests.screening.hostile import pictures


def heat(raster: Raster) -> np.ndarray:
    return np.frombuffer(raster.rgb, np.uint8).reshape(raster.height, raster.width, 3).mean(axis=2)


def test_a_pasted_piece_glows_where_it_was_pasted(decoder: Decoder) -> None:
    dice = np.random.default_rng(7)
    paper = Image.fromarray(np.clip(dice.normal(190, 14, (600, 900, 3)), 0, 255).astype(np.uint8))
    saved = Image.open(BytesIO(encoded(paper, "JPEG", quality=50))).convert("RGB")
    for _ in range(2):
        saved = Image.open(BytesIO(encoded(saved, "JPEG", quality=90))).convert("RGB")
    saved.paste(Image.fromarray(dice.integers(0, 255, (120, 200, 3), np.uint8)), (600, 400))
    (drawn,) = decoder.error_levels(encoded(saved, "PNG"), "image/png")
    level = heat(drawn)
    assert (drawn.width, drawn.height) == (900, 600)
    assert level[410:510, 610:790].mean() > 3 * level[:380].mean()


def test_large_pictures_and_documents_of_many_pages_are_bounded(decoder: Decoder) -> None:
    (drawn,) = decoder.error_levels(encoded(Image.new("RGB", (5_000, 4_000)), "JPEG"), "image/jpeg")
    assert max(drawn.width, drawn.height) == error_levels.LONG_SIDE
    assert len(decoder.error_levels(pdf(5), "application/pdf")) == error_levels.MOST_PAGES
    assert len(decoder.error_levels(pictures.tiff_pages(5), "image/tiff")) == error_levels.MOST_PAGES


@pytest.mark.parametrize("data", [pictures.largest_transparent(), pictures.jpeg()[:900], pictures.whole_bomb()])
def test_what_cannot_be_drawn_is_refused_or_small(decoder: Decoder, data: bytes) -> None:
    kind = "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"
    try:
        drawn = decoder.error_levels(data, kind)
    except UndecodableError as undecodable:
        drawn = undecodable.trouble == "refused"
    assert drawn


def test_it_stands_as_the_view_does(decoder: Decoder, today: date) -> None:
    files = files_of("passport", specimens.person(21, nationality="FRA"), "rotated")
    screening = screen(files, Declared(), today=today, decoder=decoder)
    made = {picture.kind: picture for picture in screening.derivatives}
    assert set(made) == {"view", "thumbnail", "forensics"}
    view, drawn = made["view"], made["forensics"]
    assert (view.width > view.height) == (drawn.width > drawn.height)
    assert Image.open(BytesIO(drawn.data)).size == (drawn.width, drawn.height)
    assert all("forensic" not in f"{finding}".lower() for finding in screening.findings)


def test_without_it_the_screening_stands(decoder: Decoder, today: date, monkeypatch: pytest.MonkeyPatch, jpeg) -> None:
    def late(*_: object) -> list[Raster]:
        raise UndecodableError("late", "check_unavailable")

    monkeypatch.setattr(decoder, "error_levels", late)
    screening = screen([SourceFile("front", "image/jpeg", jpeg)], Declared(), today=today, decoder=decoder)
    assert {picture.kind for picture in screening.derivatives} == {"view", "thumbnail"}
    assert screening.finding("file_safety").status == "passed"


def test_pictures_of_last_resort_have_none(decoder: Decoder, jpeg: bytes) -> None:
    made = derivatives.without_reading([SourceFile("front", "image/jpeg", jpeg)], decoder)
    assert [picture.kind for picture in made] == ["view", "thumbnail"]
