"""Keeps tabs of the page open without a browser, and tells at its end how many pushes reached them.

`python -m bench.rivals.tabs nicegui|streamlit URL TABS PARTNERS`; prints `ready` when all of them are connected.
"""

import asyncio
import contextlib
import json
import re
import signal
import sys
import uuid

import aiohttp

PING, PONG, CONNECT, EVENT = "2", "3", "40", "42"
"""Engine.IO and Socket.IO packets."""
pushes = 0


async def nicegui(browser: aiohttp.ClientSession, url: str, partner: int, opened: asyncio.Event) -> None:
    """Load the page, connect as its script does, and count what moves it."""
    async with browser.get(f"{url}/board/{partner}") as answer:
        page = await answer.text()
    found = re.search(r"""['"]?client_id['"]?:\s*['"]([0-9a-f-]{36})""", page)
    if found is None:
        raise SystemExit("no client in the page")
    query = {"client_id": found[1], "tab_id": str(uuid.uuid4()), "document_id": str(uuid.uuid4())}
    query |= {"next_message_id": "0", "implicit_handshake": "true", "EIO": "4", "transport": "websocket"}
    async with browser.ws_connect(f"{url}/_nicegui_ws/socket.io/", params=query) as socket:
        await socket.receive_str()
        await socket.send_str(CONNECT)
        async for message in socket:
            text = str(message.data)
            if text == PING:
                await socket.send_str(PONG)
            elif text.startswith(CONNECT):
                opened.set()
            elif text.startswith(EVENT):
                count(json.loads(text.removeprefix(EVENT))[0] == "update")


async def streamlit(browser: aiohttp.ClientSession, url: str, partner: int, opened: asyncio.Event) -> None:
    """Connect as the page's script does and ask for one run, which never ends."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    async with browser.ws_connect(f"{url}/_stcore/stream", protocols=("streamlit",), max_msg_size=0) as socket:
        wanted = BackMsg()
        wanted.rerun_script.query_string = f"partner={partner}"
        await socket.send_bytes(wanted.SerializeToString())
        async for message in socket:
            got = ForwardMsg.FromString(message.data)
            is_number = got.WhichOneof("type") == "delta" and got.delta.new_element.HasField("metric")
            if is_number and got.delta.new_element.metric.label == "webhooks taken":
                count(opened.is_set())
                opened.set()


def count(is_push: bool) -> None:
    global pushes  # noqa: PLW0603 one number of a small program
    pushes += is_push


async def main(which: str, url: str, tabs: int, partners: int) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    connect = {"nicegui": nicegui, "streamlit": streamlit}[which]
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar, connector=aiohttp.TCPConnector(limit=0)) as browser:
        running: list[asyncio.Task[None]] = []
        for number in range(tabs):
            opened = asyncio.Event()
            running.append(asyncio.create_task(connect(browser, url, number % partners, opened)))
            await asyncio.wait_for(opened.wait(), 30)
        print("ready", flush=True)
        await asyncio.gather(*running)


if __name__ == "__main__":
    with contextlib.suppress(SystemExit, KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    print(pushes, flush=True)
