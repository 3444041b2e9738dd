"""Looks into the pipeline while it runs: the seconds inside the reader of letters, and the zone that was found."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from backoffice.screening import mrz_lines, ocr
from backoffice.screening.mrz import Zone
from backoffice.screening.ocr import Page


@dataclass
class Probe:
    """What one document showed."""

    ocr_seconds: float = 0.0
    zone: Zone | None = None

    def clear(self) -> None:
        self.ocr_seconds, self.zone = 0.0, None


@contextmanager
def probing() -> Iterator[Probe]:
    """Put clocks around the engine and an ear at the zone finder; everything is as before afterwards."""
    probe, engine, find = Probe(), ocr._engine, mrz_lines.find  # noqa: SLF001 what is measured has no other handle

    def timed(*parts: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return engine()(*parts, **options)
        finally:
            probe.ocr_seconds += time.perf_counter() - began

    def heard(page: Page, others: Iterable[Page] = ()) -> mrz_lines.Found | None:
        found = find(page, others)
        probe.zone = probe.zone or (found.zone if found else None)
        return found

    ocr._engine, mrz_lines.find = lambda: timed, heard  # noqa: SLF001
    try:
        yield probe
    finally:
        ocr._engine, mrz_lines.find = engine, find  # noqa: SLF001
