"""`make fuzz`: every property again and again with new seeds until the time is over; stops at the first that breaks."""

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType

from hypothesis import seed

from tests.fuzz import EXAMPLES, test_files, test_saml, test_texts

Property = Callable[[], None]


def properties(*modules: ModuleType) -> Iterator[Property]:
    for module in modules:
        yield from (value for value in vars(module).values() if hasattr(value, "hypothesis"))


def main() -> int:
    first = int(os.environ.get("FUZZ_SEED") or secrets.randbelow(10**9))
    seconds = float(os.environ.get("FUZZ_SECONDS") or 60)
    tried = list(properties(test_texts, test_files, test_saml))
    print(f"{len(tried)} properties for {seconds:g} s, first seed {first}", flush=True)
    started, rounds = time.monotonic(), 0
    while not rounds or time.monotonic() - started < seconds:
        number = first + rounds
        for one in tried:
            try:
                seed(number)(one)()
            except Exception:
                print(f"{one.__name__} broke. Again: FUZZ_SEED={number} make fuzz", file=sys.stderr)
                raise
            if rounds and time.monotonic() - started > seconds:
                break
        rounds += 1
    print(f"nothing broke in {rounds} rounds of {EXAMPLES} examples a property, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
