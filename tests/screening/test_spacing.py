"""Spaces that a reader of letters loses and a picture shows."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from backoffice.screening import ocr, spacing
from backoffice.specimens import fonts

CUTS: tuple[fonts.Cut, ...] = ("regular", "bold", "serif", "mono")


def printed(text: str, cut: fonts.Cut = "bold") -> np.ndarray:
    picture = Image.new("RGB", (40 * len(text) + 40, 64), "white")
    ImageDraw.Draw(picture).text((12, 6), text, fill="black", font=fonts.font(cut, 44))
    return np.asarray(picture)[:, :, ::-1].copy()


@pytest.mark.parametrize(
    ("shown", "read"),
    [("XOCHILT MAYELA", "XOCHILTMAYELA"), ("ANKE MARIA VON RABENAU", "ANKEMARIA VON RABENAU")],
)
def test_a_gap_as_wide_as_a_words_parts_what_was_read_as_one(shown: str, read: str) -> None:
    assert spacing.may_lack_one(read)
    assert spacing.respaced(printed(shown), read, ocr.read_strip) == shown


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("text", ["CHRISTODOULOPOULOS", "WILLIAMINA ILLIANILLI", "Wolfgangsgasse 14", "LATVALTAVI"])
def test_letters_that_stand_apart_are_one_word(text: str, cut: fonts.Cut) -> None:
    assert spacing.respaced(printed(text, cut), text, ocr.read_strip) == text


def test_parts_that_say_other_letters_are_not_believed() -> None:
    assert spacing.respaced(printed("XOCHILT MAYELA"), "XOCHILTMAYELO", ocr.read_strip) == "XOCHILTMAYELO"


def test_a_white_strip_is_left_alone() -> None:
    assert spacing.respaced(np.full((64, 300, 3), 255, np.uint8), "NOTHINGHERE", ocr.read_strip) == "NOTHINGHERE"
