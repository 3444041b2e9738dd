"""The rows of docs/compliance/controls.md as a choice of tests: `pytest --controls`, or `--controls=60,62` for some.

The tests stand beside what they test; the document says which row each of them shows.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

CONTROLS = Path(__file__).resolve().parents[1] / "docs" / "compliance" / "controls.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| `([\w ]+)` \| (.*?) \|", re.MULTILINE)
NAMED = re.compile(r"\[(tests/[\w/]+\.py)::(\w+)\]")
ALL = "all"


def rows_of() -> dict[tuple[str, str], set[int]]:
    """Say for each named test which rows it shows."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for number, _, _, shown in ROW.findall(CONTROLS.read_text()):
        for place in NAMED.findall(shown):
            found[place].add(int(number))
    return found


class Controls:
    """Leaves only the tests of some rows, and says at the end how each row stands."""

    def __init__(self, asked: str) -> None:
        self._asked = None if asked == ALL else {int(word) for word in asked.split(",")}
        self._known = rows_of()
        self._outcomes: dict[int, list[str]] = defaultdict(list)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        dropped = [item for item in items if not self._rows(item.nodeid)]
        items[:] = [item for item in items if self._rows(item.nodeid)]
        config.hook.pytest_deselected(items=dropped)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            for row in self._rows(report.nodeid):
                self._outcomes[row].append(report.outcome)

    def _rows(self, nodeid: str) -> set[int]:
        """Name the asked rows that a test shows; in a run of several processes only this is known of it."""
        file, _, name = nodeid.partition("::")
        rows = self._known.get((file, name.partition("[")[0]), set())
        return rows if self._asked is None else rows & self._asked

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("controls")
        for line in self.lines():
            terminalreporter.write_line(line)

    def lines(self) -> Iterable[str]:
        """Say of each asked row what its tests did."""
        for number, words, status, _ in ROW.findall(CONTROLS.read_text()):
            row = int(number)
            if self._asked is None or row in self._asked:
                ran = self._outcomes.get(row, [])
                told = f"{ran.count('passed')} passed" + (f", {len(bad)} not" if (bad := _bad(ran)) else "")
                yield f"{row:>3}  {status:<15}{told if ran else 'no test':<20}{words[:90]}"


def _bad(outcomes: list[str]) -> list[str]:
    return [one for one in outcomes if one != "passed"]
