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


class _Timed:
    """The engine with a clock around its calls; everything else is the engine's own."""

    def __init__(self, engine: Any, probe: Probe) -> None:
        self._engine, self._probe = engine, probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def __call__(self, *parts: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return self._engine(*parts, **options)
        finally:
            self._probe.ocr_seconds += time.perf_counter() - began


@contextmanager
def probing() -> Iterator[Probe]:
    """Put clocks around the engine and an ear at the zone finder; everything is as before afterwards."""
    probe, engine, find = Probe(), ocr._engine, mrz_lines.find  # noqa: SLF001 what is measured has no other handle

    def heard(page: Page, others: Iterable[Page] = ()) -> mrz_lines.Found | None:
        found = find(page, others)
        probe.zone = probe.zone or (found.zone if found else None)
        return found

    timed = _Timed(engine(), probe)
    ocr._engine, mrz_lines.find = lambda: timed, heard  # noqa: SLF001
    try:
        yield probe
    finally:
        ocr._engine, mrz_lines.find = engine, find  # noqa: SLF001
