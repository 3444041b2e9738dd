"""What screening reads right on invented documents, beside plain tesseract on the same pictures.

`python -m bench accuracy` measures all and rewrites the tables of docs/screening.md; `--sample 40` is a quick look
that writes nothing, `--split` with `development`, `known`, `spent`, `seen`, `shown`, `met`, `heard` or `varied` shows a
set that may be tuned on and what went wrong in it. With `--forget 0.25` a quarter of the known labels is unknown to its
reader, as a stranger's would be.
"""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.accuracy import run

TITLE = "What screening reads"
TARGET = (
    "Wanted: returned values at least 99.5 % right on usable captures, at most 1.6 times the reader's own time, two "
    "workers at least 1.6 times one, at most 1500 MB each. The tables are in [screening](screening.md)."
)
LEFT = "reading the letters, which is most of the time."


def main() -> int:
    from bench.accuracy import baseline, cases, report, run, speed

    asked = _asked()
    listed = cases.sampled(cases.names(asked.split), asked.sample)
    with_baseline = baseline.is_installed() and not asked.without_baseline
    both = cases.beside(asked.split) if with_baseline else set[tuple[str, str]]()
    jobs = [run.Job("accuracy", *name, split=asked.split, with_baseline=name in both) for name in listed]
    if asked.split != "held_out":
        results = list(run.every(jobs, asked.forget, asked.seed))
        print(*report.accuracy(results), *report.faults(results), sep="\n")
        return 0
    few = max(3, asked.sample // 4) if asked.sample else 0
    extra = [run.Job("specimen", *name) for name in cases.sampled(cases.specimen_names(), few)]
    extra += [
        run.Job("flaw", *name) for flaw in report.WANTED for name in cases.sampled(cases.flawed(flaw), few // 3)
    ]  # fmt: skip
    print(f"{len(jobs)} documents of the held-out split, {len(extra)} more for the checks", flush=True)
    results = list(run.every(jobs + extra))
    sections = _sections(results, speed.measure(asked.sample or 32).lines())
    text = "\n\n".join(f"### {title}\n\n{body}" for title, body in sections.items())
    print(text)
    if not asked.sample:
        report.write(f"{_machine()}\n\n{text}")
    return 0


def _sections(results: "list[run.Result]", speed: list[str]) -> dict[str, str]:
    from bench.accuracy import report

    of = {kind: [one for one in results if one.job.kind == kind] for kind in ("accuracy", "specimen", "flaw")}
    return {
        "Reading, held-out documents": "\n".join(report.accuracy(of["accuracy"])),
        "Beside plain tesseract, on the same pictures": "\n".join(report.beside(of["accuracy"])),
        "False alarms on good documents": "\n".join(report.alarms(of["accuracy"], of["specimen"])),
        "Flaws that must be found": "\n".join(report.detections(of["flaw"])),
        "Time and memory": "\n".join(f"- {line}" for line in speed),
    }


def _machine() -> str:
    what = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    return f"Measured by `python -m bench accuracy` on {what}, {datetime.now(UTC):%Y-%m-%d}."


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench accuracy")
    parser.add_argument("--sample", type=int, default=0, help="read only so many documents and write nothing")
    parser.add_argument(
        "--split",
        choices=("held_out", "heard", "met", "shown", "seen", "spent", "known", "development", "varied"),
        default="held_out",
    )
    parser.add_argument("--without-baseline", action="store_true", help="leave tesseract out")
    parser.add_argument("--forget", type=float, default=0.0, help="a share of the known labels, from 0 to 1")
    parser.add_argument("--seed", type=int, default=1, help="which labels are forgotten")
    asked = parser.parse_args(sys.argv[2:])
    if asked.forget and asked.split == "held_out":
        parser.error("The held-out set is read once. Choose a --split that may be tuned on.")
    return asked
