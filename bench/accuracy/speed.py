"""Seconds and memory: the pipeline beside its own reading of letters, one worker's child, and two beside each other."""

import asyncio
import threading
import time
from dataclasses import dataclass
from statistics import median, quantiles

import psutil

from backoffice.screening import ocr
from backoffice.screening.decode import Decoder
from backoffice.screening.pipeline import screen
from backoffice.screening.runner import Screener
from bench.accuracy import captures, cases, probes
from bench.accuracy.cases import Case

_DOCUMENTS = 32
_MEGABYTE = 1024 * 1024
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Speed:
    """What was measured; seconds are of one document."""

    documents: int
    median: float
    p95: float
    whole_by_ocr: float
    text_pdf: float
    peak_reader: float
    peak_decoder: float
    one_worker: float
    two_workers: float

    def lines(self) -> list[str]:
        """Write the table's rows."""
        read = f"median {self.median:.2f} s, p95 {self.p95:.2f} s ({self.documents} usable documents)"
        peaks = f"reading process {self.peak_reader:.0f} MB, its decoder {self.peak_decoder:.0f} MB"
        rates = f"one worker {self.one_worker:.2f}, two workers {self.two_workers:.2f} documents a second"
        return [
            f"a document through the whole pipeline on one core: {read}",
            f"whole pipeline ÷ its reading of letters: {self.whole_by_ocr:.2f} (wanted: at most 1.6)",
            f"a letter as a PDF with its own text: median {self.text_pdf:.2f} s, not read as a picture",
            f"peak of one worker: {peaks} (wanted: at most 1500 MB)",
            f"{rates}: {self.two_workers / self.one_worker:.2f} times as many (wanted: at least 1.6)",
        ]


def measure(count: int = _DOCUMENTS) -> Speed:
    """Measure with usable captures of the held-out split."""
    listed = [name for name in cases.names("held_out") if name[1] in captures.USABLE]
    made = [cases.make("held_out", *name) for name in cases.sampled(listed, count)]
    letters = [cases.make("held_out", *name) for name in cases.names("held_out") if name[1] == captures.PDF]
    seconds, ratio, pdf = _alone(made, letters)
    one, peaks = asyncio.run(_through([made]))
    two, _ = asyncio.run(_through([made[::2], made[1::2]]))
    return Speed(
        len(made), median(seconds), quantiles(seconds, n=20)[18], ratio, pdf, *peaks, len(made) / one, len(made) / two
    )


def _alone(made: list[Case], letters: list[Case]) -> tuple[list[float], float, float]:
    """Read in this process, with a clock in the engine; the first of everything is not counted."""
    decoder = Decoder()
    decoder.warm()
    ocr.warm()
    seconds: list[float] = []
    inside = 0.0
    try:
        with probes.probing() as probe:
            _one(made[0], decoder)
            for case in made:
                probe.clear()
                seconds.append(_one(case, decoder))
                inside += probe.ocr_seconds
            _one(letters[0], decoder)
            pdf = median(_one(case, decoder) for case in letters for _ in range(3))
    finally:
        decoder.close()
    return seconds, sum(seconds) / inside, pdf


def _one(case: Case, decoder: Decoder) -> float:
    began = time.perf_counter()
    screen(list(case.files), case.declared, today=cases.TODAY, decoder=decoder)
    return time.perf_counter() - began


async def _through(shares: list[list[Case]]) -> tuple[float, tuple[float, float]]:
    """Send each share through a worker's own reader, all at once; answers seconds and peaks in MB."""
    readers = [Screener() for _ in shares]
    watch = _Watch(readers)
    try:
        for reader in readers:
            await reader.warm()
        watch.start()
        began = time.perf_counter()
        await asyncio.gather(*(_all(reader, share) for reader, share in zip(readers, shares, strict=True)))
        seconds = time.perf_counter() - began
    finally:
        watch.stop()
        for reader in readers:
            await reader.close()
    return seconds, (watch.reader, watch.decoder)


async def _all(reader: Screener, share: list[Case]) -> None:
    for case in share:
        found = await reader.screen(list(case.files), case.declared, today=cases.TODAY, timeout=120)
        if any(finding.status == "error" for finding in found.findings):
            message = f"A check of {case.template} under {case.condition} did not run."
            raise SystemExit(message)


class _Watch:
    """Looks at the resident memory of readers and their decoders while they work."""

    def __init__(self, readers: list[Screener]) -> None:
        self._readers = readers
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.reader = self.decoder = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            for pid in [reader.pid for reader in self._readers if reader.pid]:
                try:
                    process = psutil.Process(pid)
                    self.reader = max(self.reader, process.memory_info().rss / _MEGABYTE)
                    for child in process.children():
                        self.decoder = max(self.decoder, child.memory_info().rss / _MEGABYTE)
                except psutil.NoSuchProcess:
                    continue
