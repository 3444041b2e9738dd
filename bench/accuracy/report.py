"""The measured tables: printed, and put between two marks of docs/screening.md."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bench.accuracy import captures
from bench.accuracy.cases import Flaw
from bench.accuracy.run import GOOD, Reading, Result
from bench.accuracy.scoring import Tally

PAGE = Path(__file__).resolve().parents[2] / "docs" / "screening.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
WANTED: dict[Flaw, tuple[str, str]] = {
    "expired": ("expiry", "document_expired"),
    "blurred": ("image_quality", "image_blurred"),
    "mismatched": ("applicant_match", "name_mismatch"),
}
_GROUPS = {"**usable**": (*captures.USABLE, captures.PDF), "**hard**": captures.HARD, "**all**": captures.ALL}
_HEAD = ("condition", "documents", "class %", "fields %", "precision %", "coverage %", "MRZ digits", "MRZ exact")
_BESIDE = ("fields %", "precision %", "class %", "MRZ exact")


def accuracy(results: list[Result]) -> list[str]:
    """Write the table of conditions."""
    rows = [_head(_HEAD)]
    for label, chosen in _groups(results):
        tally = _tally(chosen, [one.ours for one in chosen])
        rows.append(_row((label, str(tally.documents), *tally.cells)))
    return rows


def beside(results: list[Result]) -> list[str]:
    """Write what we and the baseline make of the same pictures; says so when the baseline is missing."""
    both = [one for one in results if one.theirs]
    if not both:
        return ["The comparison is missing: tesseract was not installed (`sh scripts/bench_tools.sh`)."]
    head = (*(f"ours: {name}" for name in _BESIDE), *(f"tesseract: {name}" for name in _BESIDE))
    rows = [_head(("condition", "documents", *head))]
    for label, chosen in _groups(both):
        sides = ([one.ours for one in chosen], [one.theirs for one in chosen if one.theirs])
        cells = [_tally(chosen, side).cells for side in sides]
        shown = [cell for kind, fields, precision, _, _, exact in cells for cell in (fields, precision, kind, exact)]
        rows.append(_row((label, str(len(chosen)), *shown)))
    return rows


def _groups(results: list[Result]) -> Iterable[tuple[str, list[Result]]]:
    for label, members in [*((name, (name,)) for name in captures.ALL), *_GROUPS.items()]:
        chosen = [one for one in results if one.job.condition in members]
        if chosen:
            yield label, chosen


def _tally(results: Iterable[Result], readings: Iterable[Reading]) -> Tally:
    tally = Tally()
    for result, reading in zip(results, readings, strict=True):
        label = f"{result.job.template}/{result.job.condition}"
        tally.add(label, result.truth, reading.values, is_classified=reading.type_guess == result.type)
        tally.add_zone(result.zone, reading.zone, is_valid=reading.is_valid)
    return tally


def alarms(results: list[Result], specimens: list[Result]) -> list[str]:
    """Count, for each check, the good documents on which it was neither passed nor not applicable."""
    good = [one for one in results if one.job.condition in {"scan", "photo"}]
    usable = [one for one in results if one.job.condition in _GROUPS["**usable**"]]
    columns = {
        "held-out, scan and photo": good,
        "specimens, clean and photo": specimens,
        "held-out, all usable": usable,
    }
    names = list(dict.fromkeys(name for one in (*good, *specimens) for name in one.ours.statuses))
    counted = {title: Counter(_alarming(chosen)) for title, chosen in columns.items()}
    rows = [_head(("check", *columns))]
    rows += [
        _row((name, *(f"{counted[title][name]}/{len(chosen)}" for title, chosen in columns.items()))) for name in names
    ]
    clean = (sum(not list(_alarming([one])) for one in chosen) for chosen in columns.values())
    shares = (f"{one}/{len(chosen)}" for one, chosen in zip(clean, columns.values(), strict=True))
    return [*rows, _row(("**documents without any**", *shares))]


def _alarming(results: Iterable[Result]) -> Iterable[str]:
    return (name for one in results for name, said in one.ours.statuses.items() if said[0] not in GOOD)


def detections(results: list[Result]) -> list[str]:
    """Count flawed documents whose check failed for the right reason, and those where it at least warned."""
    rows = [_head(("flaw", "check and reason", "failed", "failed or warned"))]
    for flaw, (check, reason) in WANTED.items():
        chosen = [one.ours.statuses.get(check, ("", (), "")) for one in results if one.job.condition == flaw]
        found = [status for status, reasons, _ in chosen if reason in reasons]
        failed = f"{found.count('failed')}/{len(chosen)}"
        rows.append(_row((flaw, f"`{check}` `{reason}`", failed, f"{len(found)}/{len(chosen)}")))
    return rows


def faults(results: list[Result], most: int = 60) -> list[str]:
    """List what went wrong, for whoever looks into a run; never written to the page."""
    tally = _tally(results, [one.ours for one in results])
    wrong = [f"wrong {label} {name}: {value!r} for {truth!r}" for label, name, value, truth in tally.wrong]
    said = [
        f"alarm {one.job.template}/{one.job.condition} {name}: {status} {summary}"
        for one in results if one.job.condition in {"scan", "photo"}
        for name, (status, _, summary) in one.ours.statuses.items() if status not in GOOD
    ]  # fmt: skip
    return [*wrong[:most], *said[:most]]


def write(text: str) -> None:
    """Replace what stands between the two marks."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def _head(cells: tuple[str, ...]) -> str:
    return f"{_row(cells)}\n|{'---|' * len(cells)}"


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
