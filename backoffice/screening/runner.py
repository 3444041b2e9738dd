"""What the worker calls: documents read in another process that may crash, hang or swell without hurting anybody."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date

from backoffice.screening import derivatives, masked_screenings
from backoffice.screening.decode import Decoder
from backoffice.screening.masking_rules import may_concern
from backoffice.screening.pipeline import unavailable
from backoffice.screening.process import Child, ChildLostError
from backoffice.screening.risks import risk
from backoffice.screening.types import AMONG_DOCUMENTS, CHECK_NAMES, Declared, Finding, Screening, SourceFile
from backoffice.screening.wire import unpacked

_USES = 200
_MOST_RESIDENT = 1_150 * 1024 * 1024
"""Above this a reader is replaced; the largest document adds less than 350 MB to it."""
_WARM_SECONDS = 60.0
_LOST = {"late": "The reading took too long and was stopped.", "died": "The reading failed and was stopped."}


class Screener:
    """One reading process and one decoder of last resort; documents are read one after another."""

    def __init__(
        self, module: str = "backoffice.screening.screening_child", *, challengers: Sequence[str] = ()
    ) -> None:
        self._challengers = list(challengers)
        self._child = Child(module, uses=_USES, most_bytes=_MOST_RESIDENT)
        self._last_resort = Decoder()
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The reading process while it runs, for supervision and tests."""
        return self._child.pid

    async def warm(self) -> None:
        """Load the models ahead of the first document."""
        async with self._turn:
            with contextlib.suppress(ChildLostError):
                await asyncio.to_thread(self._child.ask, {"task": "warm"}, [], timeout=_WARM_SECONDS)

    async def screen(
        self, files: list[SourceFile], declared: Declared, *, today: date, timeout: float = 60.0
    ) -> Screening:
        """Read one document within `timeout` seconds; never raises for what a document does."""
        async with self._turn:
            reading = asyncio.ensure_future(asyncio.to_thread(self._screen, files, declared, today, timeout))
            try:
                return await asyncio.shield(reading)
            except asyncio.CancelledError:
                self._child.kill()
                self._last_resort.close()
                with contextlib.suppress(Exception):
                    await reading
                raise

    async def view_of(self, file: SourceFile) -> tuple[bytes, bytes] | None:
        """Make view and thumbnail of a file's first page without reading it; None when it cannot be opened."""
        made = await asyncio.to_thread(derivatives.without_reading, [file], self._last_resort)
        pictures = {picture.kind: picture.data for picture in made if picture.page == 0}
        return (pictures["view"], pictures["thumbnail"]) if len(pictures) == 2 else None

    async def close(self) -> None:
        """End both processes."""
        await asyncio.to_thread(self._child.kill)
        await asyncio.to_thread(self._last_resort.close)

    def _screen(self, files: list[SourceFile], declared: Declared, today: date, timeout: float) -> Screening:
        started = time.perf_counter()
        question = {
            "task": "screen",
            "files": [[file.side, file.mime_type, file.is_masked] for file in files],
            "declared": asdict(declared) | {"date_of_birth": _iso(declared.date_of_birth)},
            "today": today.isoformat(),
            "beside": self._challengers,
        }
        try:
            return unpacked(*self._child.ask(question, [file.data for file in files], timeout=timeout))
        except ChildLostError as lost:
            summary = _LOST.get(lost.kind, _LOST["died"])
        except (ValueError, KeyError):
            self._child.kill()
            summary = _LOST["died"]
        return self._without_reading(files, declared, summary, round((time.perf_counter() - started) * 1000))

    def _without_reading(self, files: list[SourceFile], declared: Declared, summary: str, duration: int) -> Screening:
        """Make pictures all the same, unless one may show what must be covered first."""
        made = derivatives.without_reading(files, self._last_resort)
        opened = {picture.file_index for picture in made}
        names = [name for name in CHECK_NAMES if name not in AMONG_DOCUMENTS]
        findings = [replace(unavailable(name, summary), duration_ms=duration) for name in names]
        if len(opened) == len(files):
            safe = Finding("file_safety", "passed", 1.0, 1.0, "sandbox@1", summary="Every file opens safely.")
            findings = [safe if finding.name == "file_safety" else finding for finding in findings]
        screening = Screening(tuple(findings), risk_score=risk(tuple(findings)), derivatives=made)
        rule = may_concern(declared.issuing_country, declared.type)
        if rule:
            return masked_screenings.withheld(screening, files, rule)
        return replace(screening, masking=(masked_screenings.NONE,) * len(files))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
