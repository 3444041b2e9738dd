"""A supervisor process of its own for the tests that kill or interrupt it; its child starts a grandchild."""

import asyncio
import sys
from pathlib import Path

from backoffice.adapters.supervisor import Child, Supervisor
from backoffice.settings import child_environment

CHILD = """
import os, pathlib, signal, subprocess, sys, time
folder = pathlib.Path(sys.argv[1])
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
print("ready", flush=True)
(folder / "grandchild").write_text(str(grandchild.pid))
(folder / "child").write_text(str(os.getpid()))
time.sleep(120)
"""


def main(folder: Path, kind: str, stop_seconds: float) -> int:
    child = Child("child", [sys.executable, "-c", CHILD, str(folder), kind], child_environment())
    return asyncio.run(Supervisor([child], stop_seconds=stop_seconds).run())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
