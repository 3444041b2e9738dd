"""Originality and tampering by what a file says of itself: reliable when it speaks, silent about everything else.

Forensics on pixels are left out on purpose: measured on our own forgeries they are no better than a coin.
"""

import re
from collections.abc import Mapping

from backoffice.screening.traces import Traces
from backoffice.screening.types import Finding

MODEL = "file-history@1"
EDITORS = (
    "Photoshop", "Lightroom", "Illustrator", "InDesign", "GIMP", "Snapseed", "Affinity Photo", "Affinity Designer",
    "Pixelmator", "Photopea", "Pixlr", "Paint.NET", "PaintShop Pro", "CorelDRAW", "Corel PHOTO-PAINT", "Krita",
    "Inkscape", "Canva", "Figma", "PicsArt", "Facetune", "FaceApp", "Remini", "Meitu", "BeautyPlus", "AirBrush", "VSCO",
    "Polarr", "Fotor", "PhotoScape", "PhotoDirector", "Luminar", "Capture One", "darktable", "RawTherapee", "Procreate",
    "Photo Editor", "Midjourney", "Stable Diffusion", "ComfyUI", "DALL-E", "Adobe Firefly",
)  # fmt: skip
"""Programs that change what a picture shows; scanners and viewers, which only crop and turn, are not among them."""
PDF_EDITORS = (
    "PDFescape", "Sejda", "PDFfiller", "Foxit PDF Editor", "Foxit PhantomPDF", "Nitro Pro", "PDF-XChange Editor",
    "PDFelement", "Wondershare", "Xodo", "DocHub", "PDF Expert", "Master PDF Editor", "Infix", "LibreOffice Draw",
)  # fmt: skip
"""Programs that change the text of a finished PDF; those that only merge or shrink are not among them."""
_NAMED = {name: re.compile(rf"(?<![a-z]){re.escape(name.lower())}(?![a-z])") for name in EDITORS + PDF_EDITORS}

PORTRAIT_SCREENS = frozenset({
    (640, 1136), (720, 1280), (720, 1520), (720, 1560), (720, 1600), (720, 1612), (750, 1334), (828, 1792),
    (1080, 1920), (1080, 2160), (1080, 2220), (1080, 2280), (1080, 2310), (1080, 2316), (1080, 2340), (1080, 2376),
    (1080, 2400), (1080, 2408), (1080, 2412), (1080, 2424), (1125, 2436), (1170, 2532), (1179, 2556), (1206, 2622),
    (1220, 2712), (1242, 2208), (1242, 2688), (1260, 2736), (1280, 2856), (1284, 2778), (1290, 2796), (1320, 2868),
    (1344, 2992), (1440, 2560), (1440, 2960), (1440, 3040), (1440, 3088), (1440, 3120), (1440, 3200), (1488, 2266),
    (1620, 2160), (1640, 2360), (1668, 2224), (1668, 2388), (1668, 2420), (2048, 2732), (2064, 2752),
})  # fmt: skip
"""Phones and tablets in pixels, held upright; sizes that cameras have as well (4:3 below 2000) are left out."""
LANDSCAPE_SCREENS = frozenset({
    (1366, 768), (1440, 900), (1680, 1050), (1920, 1080), (1920, 1200), (2560, 1440), (2560, 1600), (2560, 1664),
    (2880, 1800), (2880, 1864), (3024, 1964), (3456, 2234), (3840, 2160),
})  # fmt: skip
"""Computers."""


def originality(traces: Mapping[int, Traces]) -> Finding:
    """Look for screenshots: files that say so, and camera-less PNGs of exactly the size of a screen."""
    _require_readable(traces)
    pictures = {index: found for index, found in traces.items() if found.mime_type != "application/pdf"}
    if not pictures:
        return Finding("originality", "not_applicable", model=MODEL, summary="A PDF file is not a photograph.")
    for index, found in pictures.items():
        why = _screenshot(found)
        if why:
            return Finding("originality", "warning", model=MODEL, reasons=("screenshot",),
                           summary=f"File {index + 1} {why}.", file_index=index)  # fmt: skip
    return Finding("originality", "passed", model=MODEL, summary="Nothing in the files says that one is a screenshot.")


def tampering(traces: Mapping[int, Traces]) -> Finding:
    """Look for editing programs and for PDFs that were changed after they were made or signed."""
    _require_readable(traces)
    found = [(index, why) for index, one in traces.items() for why in (_edited(one), _changed(one)) if why]
    if not found:
        return Finding("tampering", "passed", model=MODEL,
                       summary="No file names an editing program or holds later changes.")  # fmt: skip
    sentences = " ".join(f"File {index + 1} {why}." for index, why in found)
    return Finding("tampering", "warning", model=MODEL, reasons=("tampering_suspected",), summary=sentences,
                   file_index=found[0][0])  # fmt: skip


def _require_readable(traces: Mapping[int, Traces]) -> None:
    if not all(found.is_readable for found in traces.values()):
        message = "The history of a file could not be read."
        raise ValueError(message)


def _screenshot(found: Traces) -> str | None:
    if found.is_screenshot:
        return "calls itself a screenshot"
    size = (found.width, found.height)
    is_screen = size in PORTRAIT_SCREENS or size in LANDSCAPE_SCREENS
    if is_screen and found.mime_type == "image/png" and not found.has_camera:
        return f"is a PNG without camera data and has exactly the size of a screen, {size[0]} by {size[1]} pixels"
    return None


def _edited(found: Traces) -> str | None:
    """Name the program from our own table, never by the file's words."""
    said = " · ".join(found.tools).lower()
    named = [name for name, pattern in _NAMED.items() if pattern.search(said)]
    return f"was saved by {' and '.join(named)}" if named else None


def _changed(found: Traces) -> str | None:
    if found.is_changed_after_signing:
        return "was changed after it was signed"
    later = found.revisions - 1
    if later > 0 and not found.is_signed:
        return f"was changed after it was made: it holds {later} later version{'s' if later > 1 else ''}"
    return None
