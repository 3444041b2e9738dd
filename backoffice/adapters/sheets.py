"""Writes tables as files: CSV and JSON Lines piece by piece, a workbook row by row, in bounded memory."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

Value = str | int | float | bool | None
Line = Mapping[str, Value]
PIECE, WIDTH = 4_194_304, 22
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a spreadsheet takes a text for a formula (OWASP, CSV Injection)."""
MIME = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def csv(lines: Sequence[Line], columns: Sequence[str], *, with_head: bool) -> bytes:
    """Write lines as RFC 4180 says; what a spreadsheet would run gets an apostrophe before it."""
    table = pd.DataFrame([[_harmless(line[name]) for name in columns] for line in lines], columns=list(columns))
    return str(table.to_csv(index=False, header=with_head, lineterminator="\r\n")).encode()


def json_lines(lines: Sequence[Line]) -> bytes:
    """Write one JSON object a line (jsonlines.org), values as they are."""
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines).encode()


class Workbook:
    """A workbook with one sheet, written into a private file; one row is held at a time.

    Texts are never formulas or links. The same rows make the same bytes.
    """

    def __init__(self, columns: Sequence[str], title: str, made_at: datetime) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bo-sheet-")
        self.path = Path(self._folder.name) / "sheet.xlsx"
        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "tmpdir": self._folder.name,
        }  # fmt: skip
        self._book, self._columns, self._rows = xlsxwriter.Workbook(str(self.path), options), columns, 0
        self._book.set_properties({"created": made_at.replace(tzinfo=None)})
        self._sheet = self._book.add_worksheet(title)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(columns) - 1, WIDTH)
        self._sheet.write_row(0, 0, columns, self._book.add_format({"bold": True}))

    def add(self, written: bytes) -> None:
        """Add rows that `json_lines` wrote."""
        for line in written.splitlines():
            row: Line = json.loads(line)
            self._rows += 1
            self._sheet.write_row(self._rows, 0, [row[name] for name in self._columns])

    def pieces(self) -> Iterator[bytes]:
        """Bind the workbook and read it piece by piece."""
        self._book.close()
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def discard(self) -> None:
        """Remove the file, also of a workbook that was given up half-way."""
        if not self._book.fileclosed:
            self._book.close()
        self._folder.cleanup()


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value
