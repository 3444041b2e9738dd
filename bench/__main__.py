"""Runs every measurement and writes what it found to docs/benchmarks.md; each is bounded and stays on this machine.

`python -m bench post_documents` runs one part and writes nothing, with `--keep` its section is written anew beside the
others; `accuracy` writes its own page, docs/screening.md.
"""

import subprocess
import sys
from itertools import takewhile
from types import ModuleType

from bench import (
    accuracy,
    audit_append,
    audit_verify,
    dashboard_push,
    key_check,
    key_rotation,
    lighthouse,
    list_documents,
    list_paint,
    list_views,
    post_documents,
    report,
    review_desk,
    review_queue,
    safeguards,
    walk_events,
    webhooks,
)

PARTS = (
    post_documents,
    key_check,
    list_documents,
    list_paint,
    list_views,
    review_queue,
    review_desk,
    dashboard_push,
    lighthouse,
    walk_events,
    webhooks,
    accuracy,
    safeguards,
    audit_append,
    audit_verify,
    key_rotation,
)
KEEP = "--keep"


def measured(part: ModuleType) -> tuple[int, str]:
    """Run one part in a process of its own, and show what it prints while it is kept; answers its exit code too."""
    line, said = [sys.executable, "-m", "bench", name_of(part)], list[str]()
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        for words in process.stdout or ():
            print(words, end="", flush=True)
            said.append(words)
    print()
    return process.returncode, "".join(said).strip()


def name_of(part: ModuleType) -> str:
    return part.__name__.rpartition(".")[2]


def main() -> int:
    words = [word for word in sys.argv[1:] if word != KEEP]
    named, is_kept = list(takewhile(_is_name, words)), KEEP in sys.argv[1:] or len(sys.argv) == 1
    parts = [part for part in PARTS if name_of(part) in named or not named]
    if len(parts) < len(named):
        print(f"there is no such part; these are: {', '.join(map(name_of, PARTS))}")
        return 2
    if not is_kept:
        return max(part.main() for part in parts)
    found = [(part, *measured(part)) for part in parts]
    report.keep(PARTS, {part: said for part, _, said in found if said})
    return max(code for _, code, _ in found)


def _is_name(word: str) -> bool:
    """Tell parts from options of a part, such as `accuracy --split known`, which it reads itself."""
    return not word.startswith("--")


if __name__ == "__main__":
    raise SystemExit(main())
