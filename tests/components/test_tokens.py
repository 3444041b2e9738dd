import re
from pathlib import Path

import pytest

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SCALES = ("indigo", "blue", "green", "amber", "red", "slate")
SURFACES = ("canvas", "panel", "sunken")
TEXT, LARGE, STRONG = 4.5, 3.0, 7.0


def blocks() -> dict[str, dict[str, str]]:
    css = (ASSETS / "tokens.css").read_text()
    light = css[css.index(":root, .light") : css.index(".dark, .dark-theme")]
    dark = css[css.index(".dark, .dark-theme") :]
    dark = dark[: dark.index("}")]
    return {
        mode: dict(re.findall(r"--([\w-]+):\s*([^;]+);", text)) for mode, text in (("light", light), ("dark", dark))
    }


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_knows_the_known_ratios():
    assert round(contrast("#000000", "#ffffff"), 1) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_is_readable(mode, scale):
    tokens = blocks()[mode]
    step = {number: tokens[f"{scale}-{number}"] for number in range(1, 13)}
    on_solid = tokens[f"{scale}-contrast"]
    pairs = [(on_solid, step[9], TEXT), (on_solid, step[10], TEXT), (step[12], step[3], STRONG)]
    pairs += [(step[11], step[number], TEXT) for number in (2, 3, 4, 5)]
    pairs += [(step[11], tokens[name], TEXT) for name in ("canvas", "panel")]
    pairs += [(step[8], tokens[name], LARGE) for name in ("canvas", "panel")]
    assert [
        (one, other, round(contrast(one, other), 2)) for one, other, least in pairs if contrast(one, other) < least
    ] == []


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_muted_text_are_readable_everywhere(mode):
    tokens = blocks()[mode]
    for surface in (*(tokens[name] for name in SURFACES), tokens["slate-2"], tokens["slate-3"], tokens["slate-4"]):
        assert contrast(tokens["slate-12"], surface) >= STRONG
        assert contrast(tokens["slate-11"], surface) >= TEXT


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("line", ["good", "warn", "bad", "brand", "mute"])
def test_chart_lines_stand_out(mode, line):
    tokens = blocks()[mode]
    assert contrast(tokens[f"chart-{line}"], tokens["panel"]) >= LARGE


def test_style_sheets_use_only_known_tokens():
    css = {path.name: path.read_text() for path in [*ASSETS.glob("*.css"), *(ASSETS / "css").glob("*.css")]}
    defined = set(re.findall(r"(--[\w-]+)\s*:", "".join(css.values()))) | {"--min"}
    used = {(name, token) for name, text in css.items() for token in re.findall(r"var\((--[\w-]+)", text)}
    assert used
    assert sorted((name, token) for name, token in used if token not in defined) == []


def test_nothing_comes_from_another_host():
    for path in [*ASSETS.glob("*.*"), *(ASSETS / "css").glob("*.css")]:
        text = path.read_text(errors="ignore").replace("http://www.w3.org/", "").replace("http%3A", "")
        assert not re.search(r"https?://", text), path.name
