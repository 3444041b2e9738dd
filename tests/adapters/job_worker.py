"""A worker process of its own for the tests that kill it: runs `hang` and `note` jobs of one database."""

import asyncio
import sys
from pathlib import Path

from backoffice.adapters.job_runner import JobRunner


async def main(url: str, folder: Path) -> None:
    async def hang(number: int) -> None:
        (folder / f"hanging-{number}").touch()
        await asyncio.sleep(600)

    runner = JobRunner(url)
    runner.register("hang", hang)
    await runner.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
