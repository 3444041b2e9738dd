"""The report keeps what was measured before, and says of each section when."""

from pathlib import Path
from types import ModuleType

import pytest

from bench import report
from bench.__main__ import PARTS


def part(title: str, what: str) -> ModuleType:
    made = ModuleType(f"bench.{what}")
    made.__doc__, made.TITLE, made.TARGET, made.LEFT = f"What {what} costs.", title, "Wanted: little.", "more."  # pyright: ignore[reportAttributeAccessIssue]
    return made


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "REPORT", tmp_path / "benchmarks.md")
    return report.REPORT


def test_one_part_is_measured_anew_and_the_others_stay(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, lists, pages = parts = [part("Keys", "key"), part("Lists", "list"), part("Pages", "page")]
    monkeypatch.setattr(report, "when", lambda: "Measured long ago.")
    report.keep(parts, {pages: "ratio 3", keys: "ratio 1"})
    monkeypatch.setattr(report, "when", lambda: "Measured today.")
    report.keep(parts, {lists: "ratio 2", pages: "ratio 4"})
    told = report.sections(page.read_text())
    assert list(told) == ["Keys", "Lists", "Pages"]
    assert "ratio 1" in told["Keys"]
    assert told["Keys"].endswith("Measured long ago.\n")
    assert "ratio 4" in told["Pages"]
    assert "ratio 3" not in page.read_text()
    assert told["Pages"].endswith("Measured today.\n")
    report.keep(parts, {})
    assert report.sections(page.read_text()) == told


def test_every_part_can_be_told_from_the_others():
    titles = [one.TITLE for one in PARTS]
    assert len(titles) == len(set(titles))


def test_the_report_in_the_docs_holds_nothing_but_parts():
    assert report.sections(report.REPORT.read_text()).keys() <= {one.TITLE for one in PARTS}
