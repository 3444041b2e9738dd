"""The two senders that are compared, each a process of its own: the product's, and a bare loop over the same bodies."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import uvloop


async def product() -> None:
    """Send as the worker does, on its kind of loop, without its other jobs; SIGTERM ends it."""
    from backoffice import worker
    from backoffice.adapters import logs
    from backoffice.jobs.webhooks import Dispatcher

    logs.configure("worker")
    worker.keep_what_is_loaded()
    await Dispatcher().run()


async def bare(url: str, bodies: list[str], at_once: int) -> None:
    """Post every body as it is: no signature, no claim, no log, no deadline; that is the floor."""
    waiting = iter(bodies)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:
        await asyncio.gather(*(_post(session, url, waiting) for _ in range(at_once)))


async def _post(session: aiohttp.ClientSession, url: str, bodies: Iterator[str]) -> None:
    headers = {"content-type": "application/json"}
    for body in bodies:
        async with session.post(url, data=body.encode(), headers=headers) as response:
            await response.read()


if __name__ == "__main__":
    if sys.argv[1] == "product":
        uvloop.run(product())
    else:
        asyncio.run(bare(sys.argv[2], json.loads(Path(sys.argv[3]).read_text()), int(sys.argv[4])))
