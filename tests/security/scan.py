"""`make security`: what other people's tools find; each has to find a planted fault first, so that silence tells.

Beside it `pytest --controls` runs the tests that docs/compliance/controls.md names, row by row.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".scanners" / "bin"
RULES = ROOT / "deploy" / "scanners" / "rules.yml"
SCANNED = ("backoffice", "scripts")
KNOWN = {
    ("backoffice/adapters/embedded_folders.py", "B108"): "the last resort; private_folder refuses a prepared one",
    ("backoffice/commands/up.py", "B104"): "read, not bound",
    ("backoffice/commands/up.py", "B310"): "our own address",
    ("backoffice/db.py", "B608"): "names of our own tables",
    ("backoffice/services/day_counts.py", "B608"): "our own text, three times",
    ("backoffice/services/prices.py", "B506"): "a SafeLoader without any types",
}
"""What bandit is told about and why it is right; one that is found no more is an error, too."""
PLANTED = """
import hashlib, pickle, random, subprocess, hmac
import requests, yaml
def fault(session, text, name, rx, log, key, body, given):
    session.execute(text(f"select * from members where name = '{name}'"))
    subprocess.run(name, shell=True)
    pickle.loads(body)
    requests.get(name, verify=False)
    yaml.load(body, Loader=yaml.Loader)
    rx.call_script(name)
    hashlib.md5(body)
    random.choice(body)
    log.info(f"hello {name}")
    return given == hmac.digest(key, body, "sha256")
"""
"""A file with one fault for each rule."""
RULE_IDS = frozenset(
    line.split("- id: ")[1].strip() for line in RULES.read_text().splitlines() if line.lstrip().startswith("- id: ")
)
BANDIT_MUST_FIND = {"B301", "B324", "B501", "B506", "B602"}


def main() -> int:
    """Look with every tool and say what each found."""
    failed = [name for name, look in TOOLS_OF.items() if not _say(name, look())]
    if failed:
        print(f"Found something: {', '.join(failed)}")
    return 1 if failed else 0


def _say(name: str, found: list[str]) -> bool:
    print(f"{name}: {'nothing' if not found else ''}")
    for one in found:
        print(f"  {one}")
    return not found


def bandit() -> list[str]:
    """Look for what bandit knows, of medium severity and more."""
    with planted() as folder:
        missing = BANDIT_MUST_FIND - {one["test_id"] for one in _bandit(folder)}
    if missing:
        return [f"bandit does not find what was planted: {', '.join(sorted(missing))}"]
    found = Counter((_named(one["filename"]), one["test_id"]) for one in _bandit(*SCANNED))
    return [
        *(
            f"{place}: {test_id}, {count} times"
            for (place, test_id), count in found.items()
            if (place, test_id) not in KNOWN
        ),
        *(f"{place}: {test_id} is there no more, take it out of KNOWN" for place, test_id in KNOWN.keys() - found),
    ]


def semgrep() -> list[str]:
    """Look for what this code never does."""
    with planted() as folder:
        missing = RULE_IDS - {_rule(one) for one in _semgrep(folder)}
    if missing:
        return [f"semgrep does not find what was planted: {', '.join(sorted(missing))}"]
    found = _semgrep(*SCANNED)
    return [f"{_named(one['path'])}:{one['start']['line']}: {one['extra']['message']}" for one in found]


def _bandit(*places: str) -> list[dict[str, Any]]:
    line = [TOOLS / "bandit", "--quiet", "--recursive", "--format=json", "-ll", *places]
    return json.loads(_run(line))["results"]


def _semgrep(*places: str) -> list[dict[str, Any]]:
    flags = ("--metrics=off", "--disable-version-check", "--no-git-ignore", "--json", "--quiet")
    told = json.loads(_run([TOOLS / "semgrep", "scan", *flags, f"--config={RULES}", *places]))
    if told["errors"]:
        raise SystemExit(f"semgrep could not read everything: {told['errors'][0]['message']}")
    return told["results"]


def _run(line: list[Any]) -> str:
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{line[0].name} said nothing:\n{done.stderr[-2000:]}")
    return done.stdout


def _rule(found: dict[str, Any]) -> str:
    return found["check_id"].rpartition(".")[2]


def _named(path: str) -> str:
    whole = (ROOT / path).resolve()
    return str(whole.relative_to(ROOT)) if whole.is_relative_to(ROOT) else str(whole)


class planted(tempfile.TemporaryDirectory[str]):  # noqa: N801 used as a function
    """A folder with a file in which everything is wrong."""

    def __enter__(self) -> str:
        """Write the file."""
        folder = super().__enter__()
        (Path(folder) / "planted.py").write_text(PLANTED)
        return folder


TOOLS_OF: dict[str, Callable[[], list[str]]] = {"bandit": bandit, "semgrep": semgrep}

if __name__ == "__main__":
    sys.exit(main())
