"""Checks an export of the audit log on any machine: this reads three files, and no setting and no database."""

import json
from collections.abc import Sequence
from pathlib import Path

from backoffice.adapters.audit_proofs import LONGEST_LINE, Proofreader, Report
from backoffice.adapters.signed_notes import BadNote, Checkpoint, Verifier
from backoffice.commands.console import out, stop


def verify(file: Path, public_key: str, checkpoints: Sequence[Path]) -> int:
    """Say whether an export is what was sealed; answers the exit code."""
    key = _key(public_key)
    reader = Proofreader(key, kept=[_checkpoint(path, key) for path in checkpoints])
    try:
        with file.open("rb") as export:
            while line := export.readline(LONGEST_LINE):
                reader.take_line(line)
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.")
    report = reader.finish()
    _tell(report, key, len(checkpoints))
    return 0 if report.is_good else 1


def _key(given: str) -> Verifier:
    path = Path(given)
    try:
        return Verifier.read(path.read_text() if len(given) < 1024 and path.is_file() else given)  # noqa: PLR2004 a path
    except (BadNote, OSError, UnicodeDecodeError) as error:
        stop(f"--public-key: {error}")


def _checkpoint(path: Path, key: Verifier) -> Checkpoint:
    try:
        return key.checkpoint(_note(path))
    except (OSError, ValueError, KeyError, BadNote) as error:
        stop(f"--checkpoint {path}: {error}")


def size_in(path: Path) -> int:
    """Read the size that a checkpoint speaks of, without believing it."""
    try:
        return int(_note(path).split("\n")[1])
    except (OSError, ValueError, KeyError, IndexError) as error:
        stop(f"--checkpoint {path}: {error}")


def _note(path: Path) -> str:
    text = path.read_text()
    return str(json.loads(text)["checkpoint"]) if text.startswith("{") else text


def _tell(report: Report, key: Verifier, kept: int) -> None:
    for words in report.problems:
        out.print(f"✗ {words}", style="red", markup=False, soft_wrap=True)
    if report.wrong > len(report.problems):
        out.print(f"✗ … and {report.wrong - len(report.problems):,} more.", style="red")
    counted = f"{report.entries:,} entries read in full"
    counted += f", {report.withheld:,} by their hash only" if report.withheld else ""
    counted += f", {report.left_out:,} of others left out" if report.left_out else ""
    if not report.is_good:
        first = f" The first bad entry is number {report.first_bad:,}." if report.first_bad else ""
        out.print(f"NOT VERIFIED: {report.wrong:,} wrong.{first} ({counted}.)", style="bold red", soft_wrap=True)
        return
    out.print(f"VERIFIED: {counted}.", style="bold green", soft_wrap=True)
    out.print(f"The log had {report.size:,} entries, head {report.root.hex()}, signed by {key.name}.", soft_wrap=True)
    if kept:
        out.print(f"It goes on from {'the checkpoint' if kept == 1 else f'all {kept} checkpoints'} that you gave.")
    else:
        out.print("Give a checkpoint that you kept (--checkpoint) to know that nothing was rewritten since then.")
