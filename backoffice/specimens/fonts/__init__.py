"""IBM Plex in four cuts (SIL Open Font License, OFL.txt), because the machine that renders may have no fonts."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont

Cut = Literal["regular", "bold", "serif", "mono"]

_FILES: dict[Cut, str] = {
    "regular": "IBMPlexSansCondensed-Regular.ttf",
    "bold": "IBMPlexSansCondensed-SemiBold.ttf",
    "serif": "IBMPlexSerif-SemiBold.ttf",
    "mono": "IBMPlexMono-Medium.ttf",
}


@lru_cache(maxsize=128)
def font(cut: Cut, size: int) -> ImageFont.FreeTypeFont:
    """Open a cut at a size in pixels once, because opening costs more than drawing."""
    return ImageFont.truetype(Path(__file__).with_name(_FILES[cut]), size)
