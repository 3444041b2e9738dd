"""What docs/compliance says is shown by tests that exist, and leads to documents that are there."""

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "compliance"
CONTROLS = FOLDER / "controls.md"
PAGES = (*sorted(FOLDER.glob("*.md")), ROOT / "docs" / "decisions" / "0018-where-rules-conflict.md")
NAMED = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
ROW = re.compile(r"^\| (\d+) \| .+? \| `([\w ]+)` \| (.*?) \|", re.MULTILINE)
COUNTED = re.compile(r"^\| `([\w ]+)` \| .+? \| (\d+) \|$", re.MULTILINE)
STATUSES = {"proven", "partly", "not yet", "does not apply"}
HOW_MANY = 67
EXAMPLE = ("tests/file.py", "name")


@lru_cache
def names_in(path: Path) -> set[str]:
    """Name the tests of one file; a parametrised one counts by its function, and a file that is not there has none."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text())
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {node.name for node in functions if node.name.startswith("test_")}


def rows() -> list[tuple[int, str, str]]:
    return [(int(number), status, shown) for number, status, shown in ROW.findall(CONTROLS.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_exists(page: Path):
    named = {found for found in NAMED.findall(page.read_text()) if found != EXAMPLE}
    assert sorted("::".join(found) for found in named if found[1] not in names_in(ROOT / found[0])) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path):
    links = [(words, target) for words, target in LINK.findall(page.read_text()) if "://" not in target]
    lost = [target for _, target in links if not (page.parent / target.partition("#")[0]).resolve().exists()]
    assert lost == []
    named = [(NAMED.fullmatch(words), page.parent / target) for words, target in links if NAMED.fullmatch(words)]
    assert [found[0] for found, target in named if (ROOT / found[1]) != target.resolve()] == []


def test_every_row_is_there_once_and_in_order():
    found = rows()
    assert [number for number, _, _ in found] == list(range(1, HOW_MANY + 1))
    assert {status for _, status, _ in found} <= STATUSES


def test_what_is_called_proven_names_a_test():
    assert [number for number, status, shown in rows() if status == "proven" and not NAMED.search(shown)] == []


def test_the_counts_are_those_of_the_rows():
    counted = {status: int(count) for status, count in COUNTED.findall(CONTROLS.read_text())}
    statuses = [status for _, status, _ in rows()]
    assert counted == {status: statuses.count(status) for status in STATUSES}
