"""Reads an export of the audit log and says in words what is wrong with it: pure, in one pass, in bounded memory.

An export is a list of items in the order of the log, and every leaf is in one of them: as an entry, as an entry whose
content stays with us (`withheld`), as one that is gone (`missing`), or within a `gap`, which gives the hashes of the
whole subtrees that fill it. So each entry is proved by all that stands around it, and the tree is built once.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.adapters.canonical import canonical
from backoffice.adapters.merkle import HASH_BYTES, Frontier, cover, is_extended, leaf_hash
from backoffice.adapters.signed_notes import BadNote, Checkpoint, Verifier

FORMAT = "backoffice-audit-export/1"
EXPORT = "export"
MOST_PROBLEMS = 20
LONGEST_LINE = 16 * 1024 * 1024


@dataclass(slots=True)
class Report:
    """What was found; `problems` is cut, `wrong` counts them all, `first_bad` is the number of an entry from 1."""

    entries: int = 0
    withheld: int = 0
    left_out: int = 0
    size: int = 0
    root: bytes = b""
    wrong: int = 0
    first_bad: int | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether all is as it was signed."""
        return not self.wrong


def unpacked(text: object) -> bytes:
    """Read a hash.

    Raises ValueError for anything else.
    """
    data = base64.b64decode(str(text), validate=True)
    if len(data) != HASH_BYTES:
        message = "this is no hash"
        raise ValueError(message)
    return data


def packed(data: bytes) -> str:
    """Write a hash."""
    return base64.b64encode(data).decode()


class Proofreader:
    """Takes an export item by item; `kept` are checkpoints that the reader had from elsewhere, and trusts."""

    def __init__(self, key: Verifier, *, kept: Sequence[Checkpoint] = ()) -> None:
        self.report = Report()
        self._key = key
        self._kept = {one.size: one for one in kept}
        self._head: Checkpoint | None = None
        self._proved: dict[int, bytes] = {}
        """Roots that a consistency proof already ties to the head."""
        self._tree = Frontier()
        self._is_everything = False
        """Whether the export is one of every entry there is."""
        self._is_whole = True
        """Whether the tree can still be built: after a hole it cannot."""
        self._is_lost = False
        """Whether a checkpoint along the way differed: then all later ones do."""
        self._due = 0
        """The leaf that comes next."""
        self._good = 0
        """Up to here the entries gave a root that was signed."""
        self._met: set[int] = set()
        self._digest = hashlib.sha256()
        self._line = 0
        self._has_ended = False

    def take_line(self, line: bytes) -> None:
        """Take one line of a file."""
        self._line += 1
        try:
            item = json.loads(line)
            is_last = item.get("type") == "end"
        except (ValueError, AttributeError, RecursionError):
            self._wrong(f"Line {self._line:,} is no JSON object: the file is damaged or was changed.")
            self._is_whole = False
            return
        if not is_last:
            self._digest.update(line)
        self.take(item)

    def take(self, item: Mapping[str, Any]) -> None:
        """Take one item."""
        kind = item.get("type")
        if self._has_ended:
            self._wrong("Something was added after the end of the export.")
            return
        if self._head is None and kind != "manifest":
            self._wrong("The export does not begin with its manifest: its beginning was cut off.")
            self._head = Checkpoint("", 0, b"")
        try:
            self._takers[str(kind)](self, item)
        except BadNote as error:
            self._wrong(f"{_called(kind)}: {error}")
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            self._wrong(f"{_called(kind)} after entry {self._due:,} cannot be read: it was changed.")
            self._is_whole = False

    def finish(self, *, is_file: bool = True) -> Report:
        """Say what was found, all in all."""
        report, head = self.report, self._head
        if head is None:
            self._wrong("The export is empty.")
            return report
        if is_file and not self._has_ended:
            self._wrong(f"The export breaks off after entry {self._due:,}: its end was cut off (truncated).")
        elif self._due < head.size:
            self._wrong(
                f"The export is truncated: it ends after entry {self._due:,}, but {head.size:,} were signed.",
                self._due,
            )
        elif self._is_whole and self._tree.size > head.size:
            self._wrong(f"The export holds more than the {head.size:,} entries that were signed.", head.size)
        for size in sorted(set(self._kept) - self._met):
            self._weigh(self._kept[size], head)
        report.size, report.root = head.size, head.root
        return report

    def _take_manifest(self, item: Mapping[str, Any]) -> None:
        if self._head is not None:
            self._wrong("The export has a second beginning.")
            return
        self._head = Checkpoint("", 0, b"")
        if item["format"] != FORMAT:
            self._wrong(f"This is no export that can be read here: its format is {str(item['format'])[:40]!r}.")
        self._is_everything = not any(item[name] for name in ("partner", "from", "to"))
        self._head = self._key.checkpoint(str(item["checkpoint"]))
        proof = item.get("consistency")
        if proof:
            before = self._key.checkpoint(str(proof["checkpoint"]))
            path = [unpacked(one) for one in proof["proof"]]
            head = self._head
            if is_extended(
                first=before.size, first_root=before.root, second=head.size, second_root=head.root, proof=path
            ):
                self._proved[before.size] = before.root
            else:
                self._wrong(f"The log does not go on from its checkpoint of {before.size:,} entries: it was forked.")

    def _take_entry(self, item: Mapping[str, Any]) -> None:
        self._stands(item)
        self.report.entries += 1
        leaf = unpacked(item["leaf"])
        if leaf_hash(canonical(item["entry"])) != leaf:
            index = item["index"]
            name = str(item["entry"].get("id", ""))[:40]
            self._wrong(
                f"Entry {index + 1:,} ({name}) was altered: it does not have the hash it was sealed with.", index
            )
        self._append(leaf)

    def _take_withheld(self, item: Mapping[str, Any]) -> None:
        self._stands(item)
        self.report.withheld += 1
        self._append(unpacked(item["leaf"]))

    def _take_missing(self, item: Mapping[str, Any]) -> None:
        self._stands(item)
        index = item["index"]
        self._wrong(f"Entry {index + 1:,} was deleted: its hash is sealed, but the entry is gone.", index)
        self._append(unpacked(item["leaf"]))

    def _take_gap(self, item: Mapping[str, Any]) -> None:
        start, end = item["from"], item["to"]
        if self._is_everything:
            self._wrong(f"Entries {start + 1:,} to {end:,} are left out of an export that says it holds all.", start)
        self._stands({"index": start})
        self._due = max(self._due, end)
        self.report.left_out += end - start
        nodes, places = [unpacked(one) for one in item["nodes"]], cover(start, end)
        if start >= end or len(nodes) != len(places):
            message = "a gap needs its hashes"
            raise ValueError(message)
        for (height, _), node in zip(places, nodes, strict=True):
            self._append(node, height)

    def _take_checkpoint(self, item: Mapping[str, Any]) -> None:
        signed = self._key.checkpoint(str(item["note"]))
        if not self._is_whole or self._is_lost:
            return
        if signed.size == self._tree.size:
            self._is_lost = not self._compare(signed, "what was signed")
        else:
            self._is_lost = True
            self._wrong(f"A checkpoint of {signed.size:,} entries stands after entry {self._tree.size:,}.")

    def _take_end(self, item: Mapping[str, Any]) -> None:
        self._has_ended = True
        text = self._key.open(str(item["note"]))
        if text != signed_end(self._key.name, str(item["sha256"]), int(item["entries"]), int(item["withheld"])):
            self._wrong("The last line does not say what was signed: it was changed.")
        elif item["sha256"] != self._digest.hexdigest():
            self._wrong("The file is not the one that was signed: lines of it were changed.")

    _takers = {  # noqa: RUF012 never changed
        "manifest": _take_manifest,
        "entry": _take_entry,
        "withheld": _take_withheld,
        "missing": _take_missing,
        "gap": _take_gap,
        "checkpoint": _take_checkpoint,
        "end": _take_end,
    }

    def _stands(self, item: Mapping[str, Any]) -> None:
        """Look whether an item is the next one of the log; where it is not, say what that means."""
        index, due = int(item["index"]), self._due
        self._due = max(due, index + 1)
        if index == due:
            return
        if index < due:
            self._wrong(f"Entry {index + 1:,} stands after entry {due:,}: entries were reordered or repeated.", index)
        elif index == due + 1:
            self._wrong(f"Entry {due + 1:,} is not where it belongs: it was deleted or moved.", due)
        else:
            self._wrong(f"Entries {due + 1:,} to {index:,} are not where they belong: they were deleted or moved.", due)
        self._is_whole = False

    def _append(self, hashed: bytes, height: int = 0) -> None:
        if not self._is_whole:
            return
        self._tree.append(hashed, height)
        size, head = self._tree.size, self._head
        kept = self._kept.get(size)
        if kept is not None and size not in self._met:
            self._met.add(size)
            self._compare(kept, "your checkpoint")
        if head is not None and size == head.size:
            self._compare(head, "what was signed")

    def _compare(self, signed: Checkpoint, what: str) -> bool:
        if self._tree.root() == signed.root:
            self._good = max(self._good, signed.size)
            return True
        self._wrong(
            f"Entries {self._good + 1:,} to {signed.size:,} are not those of {what}: at least one of them was altered, "
            "removed, added or reordered, or the log was forked.",
            self._good,
        )
        return False

    def _weigh(self, kept: Checkpoint, head: Checkpoint) -> None:
        """Hold the head against a checkpoint that no item of the export ended at."""
        if kept.size > head.size:
            self._wrong(
                f"Your checkpoint proves that the log had {kept.size:,} entries; this export knows of {head.size:,} "
                "only: the log was truncated, or the export is older than your checkpoint."
            )
        elif kept.size == head.size and kept.root != head.root:
            self._wrong(f"Two different logs of {head.size:,} entries were signed: the log was forked.")
        elif kept.size < head.size and self._proved.get(kept.size) != kept.root and self._is_whole:
            self._wrong(
                f"The export does not show that it goes on from your checkpoint of {kept.size:,} entries. "
                "Export again with --checkpoint and that file."
            )

    def _wrong(self, words: str, index: int | None = None) -> None:
        report = self.report
        report.wrong += 1
        if index is not None and (report.first_bad is None or index + 1 < report.first_bad):
            report.first_bad = index + 1
        if len(report.problems) < MOST_PROBLEMS:
            report.problems.append(words)


def signed_end(origin: str, sha256: str, entries: int, withheld: int) -> str:
    """Write what is signed at the end of an export; its first line keeps it apart from checkpoints."""
    return f"{origin}/{EXPORT}\n{sha256}\n{entries}\n{withheld}\n"


def _called(kind: object) -> str:
    names = {"manifest": "The manifest", "end": "The last line", "checkpoint": "A checkpoint", "gap": "A gap"}
    return names.get(str(kind), "An entry")
