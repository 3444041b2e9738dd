"""Redaction: what lay below a box makes no difference to the copy."""

from io import BytesIO

from PIL import Image

from backoffice.screening import redaction
from backoffice.screening.decode import Decoder

BOX = [0.25, 0.25, 0.5, 0.5]


def page(middle: str) -> bytes:
    picture = (
        Image.effect_noise((640, 420), 60).convert("RGB")
        if middle == "noise"
        else Image.new("RGB", (640, 420), "white")
    )
    frame = Image.new("RGB", (640, 420), "white")
    frame.paste(picture.crop((160, 105, 480, 315)), (160, 105))
    buffer = BytesIO()
    frame.save(buffer, "PNG")
    return buffer.getvalue()


def test_two_pages_that_differ_below_the_box_only_give_the_same_bytes(decoder: Decoder):
    noise, blank = page("noise"), page("blank")
    assert noise != blank
    made = [decoder.redacted(data, "image/png", [BOX]) for data in (noise, blank)]
    assert made[0] == made[1]


def test_boxes_grow_outwards_to_whole_pixels():
    copy = redaction.burnt(Image.new("RGB", (10, 10), "white"), [[0.11, 0.11, 0.05, 0.05]])
    assert [copy.getpixel((x, 1)) for x in (0, 1, 2)] == [(255, 255, 255), (0, 0, 0), (255, 255, 255)]
