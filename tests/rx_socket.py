"""A raw client of the socket, without a browser: what anybody can send who reads the protocol."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

ROOT = "reflex___state____state"
PREFIX = "42/_event,"
Refused = websockets.exceptions.InvalidStatus


class Tab:
    """One open tab: sends events by name, keeps all that comes back."""

    def __init__(self, socket: ClientConnection, token: str) -> None:
        self.socket, self.token = socket, token
        self.updates: list[dict[str, Any]] = []
        self.raw: list[str] = []
        self._arrived = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            async for text in self.socket:
                if text == "2":
                    await self.socket.send("3")
                    continue
                async with self._arrived:
                    self.raw.append(text)
                    if text.startswith(PREFIX):
                        name, *rest = json.loads(text.removeprefix(PREFIX))
                        if name == "event":
                            self.updates.append(rest[0])
                    self._arrived.notify_all()
        async with self._arrived:
            self._arrived.notify_all()

    @property
    def is_open(self) -> bool:
        return not self._reader.done()

    async def until(self, holds, seconds: float = 8) -> None:
        """Wait until something holds of this tab; a message or the end of the connection wakes it."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: holds(self))

    async def closed(self, seconds: float = 8) -> None:
        async with asyncio.timeout(seconds):
            await asyncio.shield(self._reader)

    def event(self, name: str, payload: Any = None, path: str = "/account") -> dict[str, Any]:
        router_data = {"pathname": path, "query": {}, "asPath": path}
        return {"name": name, "payload": payload or {}, "router_data": router_data, "token": self.token}

    async def send(self, name: str, payload: Any = None, path: str = "/account") -> None:
        await self.say(["event", self.event(name, payload, path)])

    async def say(self, message: Any) -> None:
        await self.socket.send(PREFIX + json.dumps(message))

    async def settle(self, path: str = "/account", seconds: float = 8) -> None:
        """Wait until the events that were sent before are done: a message to oneself travels behind them."""
        mark = uuid.uuid4().hex
        name = f"{ROOT}.backoffice___state___notices____notice_state.show"
        await self.send(name, {"kind": "info", "text": mark}, path)
        await self.until(lambda tab: mark in tab.messages, seconds)

    def shown(self, state: str) -> dict[str, Any]:
        """All vars that came for the state whose name ends so, the latest of each."""
        found: dict[str, Any] = {}
        for update in self.updates:
            for name, variables in (update.get("delta") or {}).items():
                if name.endswith(state):
                    found |= {key.removesuffix("_rx_state_"): value for key, value in variables.items()}
        return found

    @property
    def redirects(self) -> list[str]:
        events = [event for update in self.updates for event in update.get("events") or ()]
        return [event["payload"]["path"] for event in events if event["name"] == "_redirect"]

    @property
    def messages(self) -> list[str]:
        shown = [update["delta"] for update in self.updates if update.get("delta")]
        said = [vars_.get("message_rx_state_") for delta in shown for vars_ in delta.values()]
        return [message["text"] for message in said if message and message.get("text")]

    @property
    def everything(self) -> str:
        return "\n".join(self.raw)


@asynccontextmanager
async def tab(
    url: str,
    *,
    cookie: str = "",
    origin: str | None = "",
    token: str = "",
    path: str = "/account",
    boot: bool = True,
    returns: bool = False,
    **headers: str,
) -> AsyncIterator[Tab]:
    """Open a tab; an empty origin stands for our own, None sends none. One that `returns` loaded no page."""
    token = token or str(uuid.uuid4())
    sent = {**({"Cookie": cookie} if cookie else {}), **headers}
    address = f"{url.replace('http', 'ws', 1)}/_event/?token={token}&EIO=4&transport=websocket"
    async with connect(
        address, additional_headers=sent, origin=url if origin == "" else origin, compression=None, ping_interval=None
    ) as socket:
        await socket.recv()
        opened = Tab(socket, token)
        hydrate = {"event": opened.event(f"{ROOT}.hydrate_and_load", {"vars": {}, "hashes": []}, path)}
        if returns:
            del hydrate["event"]["payload"]  # as Reflex's own client does
        await socket.send("40/_event," + json.dumps(hydrate if boot else {}))
        await opened.until(lambda one: one.shown(ROOT).get("is_hydrated") if boot else one.raw)
        try:
            yield opened
        finally:
            opened._reader.cancel()
