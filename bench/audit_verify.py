"""`backoffice audit verify`: what it costs to check an export of every entry, against only reading it as JSON."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ENTRIES = 1_000_000
WITHIN_SECONDS = 60

TITLE = "Verifying the audit log offline"
TARGET = "Wanted: a million entries in at most 60 s."
LEFT = "one pass of Python's JSON reader, one canonical text and two hashes an entry."


def written(path: Path, entries: int) -> None:
    """Write an export with the product's own tree and a key of its own."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from backoffice.adapters.audit_proofs import FORMAT, packed
    from backoffice.adapters.canonical import canonical
    from backoffice.adapters.merkle import Frontier, leaf_hash
    from backoffice.adapters.signed_notes import Checkpoint, sign, verifier_of

    key, tree = Ed25519PrivateKey.generate(), Frontier()
    lines = path.with_suffix(".lines")
    with lines.open("wb") as target:
        for index in range(entries):
            entry = sample(index)
            leaf = leaf_hash(canonical(entry))
            tree.append(leaf)
            target.write(canonical({"type": "entry", "index": index, "leaf": packed(leaf), "entry": entry}) + b"\n")
    note = sign(Checkpoint("bench", tree.size, tree.root()).text(), "bench", key)
    head = {"type": "manifest", "format": FORMAT, "checkpoint": note, "partner": None, "from": None, "to": None}
    with path.open("wb") as target, lines.open("rb") as source:
        target.write(canonical(head) + b"\n")
        while chunk := source.read(1 << 20):
            target.write(chunk)
    path.with_suffix(".key").write_text(str(verifier_of("bench", key)))


def sample(index: int) -> dict[str, object]:
    """Make an entry as the product writes them."""
    return {
        "v": 1,
        "id": f"01a21fc6-9235-741b-b9af-{index:012x}",
        "created_at": "2026-11-28T01:30:00.123456Z",
        "partner_id": "01a21fc6-9235-741b-b9af-764ce7fcd3ce",
        "actor_type": "api_key",
        "actor_id": "01a21fc6-9235-741b-b9af-764ce7fcd3cf",
        "actor_name": "backend-eu",
        "session_id": None,
        "ip": "203.0.113.7",
        "action": "document.approved",
        "subject_type": "document",
        "subject_id": f"01a21fc6-9235-741b-b9b0-{index:012x}",
        "result": "ok",
        "changes": {"status": ["in_review", "approved"], "version": index % 9, "reasons": []},
        "request_id": f"req_{index:026d}",
    }


def verify(path: Path) -> None:
    from backoffice.adapters.audit_proofs import Proofreader
    from backoffice.adapters.signed_notes import Verifier

    reader = Proofreader(Verifier.read(path.with_suffix(".key").read_text()))
    with path.open("rb") as lines:
        for line in lines:
            reader.take_line(line)
    report = reader.finish(is_file=False)
    if not report.is_good:
        raise SystemExit(f"the bench's own export is wrong: {report.problems}")


def only_read(path: Path) -> None:
    import json

    with path.open("rb") as lines:
        for line in lines:
            json.loads(line)


def timed(what: Callable[[Path], None], path: Path) -> float:
    began = time.process_time()
    what(path)
    return time.process_time() - began


def main() -> int:
    entries = next((int(word) for word in sys.argv[1:] if word.isdecimal()), ENTRIES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.jsonl"
        written(path, entries)
        plain, checked = timed(only_read, path), timed(verify, path)
        size = path.stat().st_size
    print(f"{entries:,} entries, {size / 1e6:,.0f} MB; processor seconds of one process")
    print(f"read as JSON only  {plain:7.2f} s   {plain / entries * 1e6:6.1f} µs an entry")
    print(f"verified           {checked:7.2f} s   {checked / entries * 1e6:6.1f} µs an entry")
    print(f"ratio   {checked / plain:7.2f} of reading; a million takes {checked / entries * 1e6:,.1f} s")
    return 0 if checked / entries * 1e6 <= WITHIN_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
