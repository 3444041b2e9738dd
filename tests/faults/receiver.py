"""A receiver that fails in every way that receivers do, on real sockets."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

GIGABYTE = 1024**3
CHUNK = b"x" * 65_536


@dataclass
class Faulty:
    """Does what its mode says; keeps every request, and apart from them what it really took."""

    mode: str = "ok"
    port: int = 0
    location: str = ""
    requests: list[tuple[str, dict]] = field(default_factory=list)
    taken: list[tuple[str, dict]] = field(default_factory=list)
    sent: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        came = request.headers["webhook-id"], json.loads(await request.read())
        self.requests.append(came)
        return await getattr(self, f"on_{self.mode}")(request, came)

    async def on_ok(self, _: web.Request, came: tuple[str, dict]) -> web.StreamResponse:
        self.taken.append(came)
        return web.Response(text="taken")

    async def on_fail(self, *_: object) -> web.StreamResponse:
        return web.Response(status=500, text="broken")

    async def on_hang(self, *_: object) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    async def on_hold(self, request: web.Request, came: tuple[str, dict]) -> web.StreamResponse:
        await self.go_on.wait()
        return await self.on_ok(request, came)

    async def on_drip(self, request: web.Request, _: object) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _second in range(60):
            await response.write(b".")
            await asyncio.sleep(1)
        return response

    async def on_flood(self, request: web.Request, came: tuple[str, dict]) -> web.StreamResponse:
        self.taken.append(came)
        response = web.StreamResponse(headers={"Content-Length": str(GIGABYTE)})
        await response.prepare(request)
        while self.sent < GIGABYTE:
            await response.write(CHUNK)
            self.sent += len(CHUNK)
        return response

    async def on_redirect(self, *_: object) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": self.location})

    async def on_gone(self, *_: object) -> web.StreamResponse:
        return web.Response(status=410, text="gone")

    async def start(self) -> None:
        """Listen, on the port that it had before if it had one."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()
            self.runner = None

    def sequences(self) -> dict[str, list[int]]:
        """Tell the order in which each subject's events were taken, repeats left out."""
        order: dict[str, list[int]] = defaultdict(list)
        for webhook_id, event in self.taken:
            assert webhook_id == event["id"]
            if event["sequence"] not in order[event["subject"]["id"]]:
                order[event["subject"]["id"]].append(event["sequence"])
        return dict(order)


@asynccontextmanager
async def faulty(mode: str = "ok") -> AsyncIterator[Faulty]:
    receiver = Faulty(mode)
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()
