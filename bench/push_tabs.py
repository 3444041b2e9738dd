"""Keeps dashboards open without a browser, and tells at its end how many pushes reached them.

`python -m bench.push_tabs URL` reads one session's secret a line; prints `ready` when all of them show numbers.
"""

import asyncio
import contextlib
import signal
import sys

from tests.rx_socket import Tab, tab

NUMBERS = "numbers_state"
AT_ONCE = 8
PATIENCE = 30


def _has_numbers(one: Tab) -> bool:
    return bool((one.shown(NUMBERS).get("live") or {}).get("as_of"))


async def _sit(url: str, cookie: str, gate: asyncio.Semaphore, opened: asyncio.Event, pushes: list[int]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with gate:
            one = await stack.enter_async_context(tab(url, cookie=f"sid={cookie}", path="/partner"))
            await one.until(_has_numbers, PATIENCE)
            opened.set()
        while one.is_open:
            before = len(one.updates)
            await one.until(lambda known, seen=before: len(known.updates) > seen or not known.is_open, 3600)
            pushes[0] += sum(_is_push(update) for update in one.updates[before:])
            del one.raw[:]


def _is_push(update: dict[str, object]) -> bool:
    return any(name.endswith(NUMBERS) for name in update.get("delta") or {})


async def main(url: str, cookies: list[str], pushes: list[int]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    gate, opened = asyncio.Semaphore(AT_ONCE), [asyncio.Event() for _ in cookies]
    sitting = [
        asyncio.create_task(_sit(url, cookie, gate, shown, pushes))
        for cookie, shown in zip(cookies, opened, strict=True)
    ]
    await asyncio.gather(*(each.wait() for each in opened))
    pushes[0] = 0
    print("ready", flush=True)
    await asyncio.gather(*sitting)


if __name__ == "__main__":
    counted = [0]
    with contextlib.suppress(SystemExit, KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], sys.stdin.read().split(), counted))
    print(counted[0], flush=True)
