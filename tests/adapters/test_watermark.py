"""The mark over pictures: everywhere on it, of the same size, and telling who looks."""

from io import BytesIO

from PIL import Image, ImageChops

from backoffice.adapters import watermark


def picture(size=(900, 600)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (120, 130, 140)).save(out, "JPEG")
    return out.getvalue()


def test_every_part_of_the_picture_is_marked_and_its_size_stays():
    plain, marked = picture(), watermark.mark(picture(), "Amina Diallo · 2026-11-27 09:58 UTC")
    before, after = Image.open(BytesIO(plain)), Image.open(BytesIO(marked))
    assert after.size == before.size
    changed = ImageChops.difference(before, after).convert("L").point(lambda value: 255 if value > 20 else 0)
    for left in range(0, 900, 300):
        for top in range(0, 600, 300):
            assert changed.crop((left, top, left + 300, top + 300)).getbbox(), (left, top)


def test_another_viewer_leaves_another_mark():
    one, two = [watermark.mark(picture(), words) for words in ("Amina Diallo", "Joe Ode")]
    assert one != two


def test_a_small_picture_is_marked_too():
    assert Image.open(BytesIO(watermark.mark(picture((60, 40)), "Amina Diallo"))).size == (60, 40)
