"""Reads cases with the pipeline and with the baseline in two processes, and brings home plain results."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from typing import Literal

from backoffice.screening.decode import Decoder
from backoffice.screening.pipeline import screen
from bench.accuracy import baseline, cases, forgetting, probes
from bench.accuracy.cases import Case, Split

PROCESSES = 2
_TASKS_PER_PROCESS, _TELL_EVERY = 40, 20
Kind = Literal["accuracy", "specimen", "flaw"]
GOOD = {"passed", "not_applicable"}


@dataclass(frozen=True)
class Job:
    """One case to make and read; `split` is for those that have one."""

    kind: Kind
    template: str
    condition: str
    split: Split = "held_out"
    with_baseline: bool = False


@dataclass(frozen=True)
class Reading:
    """What one reader made of one case."""

    values: dict[str, str]
    type_guess: str | None
    zone: tuple[str, ...]
    is_valid: bool
    statuses: dict[str, tuple[str, tuple[str, ...], str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """One case read, with its truth."""

    job: Job
    type: str
    truth: dict[str, str]
    zone: tuple[str, ...]
    ours: Reading
    theirs: Reading | None


def every(jobs: list[Job], forgotten: float = 0.0, seed: int = 0) -> Iterator[Result]:
    """Read all cases; a process is replaced after some, as the product's is. `forgotten` is a share of the labels."""
    begin = {"initializer": forgetting.forget, "initargs": (forgotten, seed)} if forgotten else {}
    with get_context("spawn").Pool(PROCESSES, maxtasksperchild=_TASKS_PER_PROCESS, **begin) as pool:
        for done, result in enumerate(pool.imap(read, jobs), 1):
            if done % _TELL_EVERY == 0:
                print(f"{done} of {len(jobs)} read", file=sys.stderr, flush=True)
            yield result


def read(job: Job) -> Result:
    """Make one case and read it."""
    case = _case(job)
    theirs = _theirs(case) if job.with_baseline else None
    return Result(job, case.kind, case.truth, case.zone, _ours(case), theirs)


def _case(job: Job) -> Case:
    if job.kind == "specimen":
        return cases.make_specimen(job.template, job.condition)
    if job.kind == "flaw":
        return cases.make_flawed(job.template, job.condition)  # type: ignore[arg-type]
    return cases.make(job.split, job.template, job.condition)


@lru_cache(maxsize=1)
def _decoder() -> Decoder:
    return Decoder()


def _ours(case: Case) -> Reading:
    with probes.probing() as probe:
        found = screen(list(case.files), case.declared, today=cases.TODAY, decoder=_decoder())
    values = {one.name: one.value for one in found.extracted}
    statuses = {one.name: (one.status, one.reasons, one.summary) for one in found.findings}
    zone = probe.zone
    return Reading(values, found.type_guess, zone.lines if zone else (), zone is not None and zone.is_valid, statuses)


def _theirs(case: Case) -> Reading:
    found = baseline.read(case, _decoder())
    return Reading(found.values, found.kind, found.zone, found.is_valid)
