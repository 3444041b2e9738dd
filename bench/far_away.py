"""A proxy that lets every byte travel longer, as it does to a reviewer in another town."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

PIECE = 65_536


@contextmanager
def far_away(port: int, round_trip: float) -> Generator[int]:
    """Forward a port of this machine with so many more seconds a round trip; answers the port to come in by.

    Pieces keep their order and do not wait for each other, so it is distance and not a thin line.
    """
    loop, ready = asyncio.new_event_loop(), threading.Event()
    opened: list[int] = []

    async def serve() -> None:
        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_carry(reader, back, round_trip / 2), _carry(there, writer, round_trip / 2))

        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        opened.append(server.sockets[0].getsockname()[1])
        ready.set()
        async with server:
            await server.serve_forever()

    def run() -> None:
        with suppress(asyncio.CancelledError, RuntimeError):
            loop.run_until_complete(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    yield opened[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    loop, under_way = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

    async def arrive() -> None:
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(due - loop.time())
            if not piece:
                with suppress(OSError):
                    writer.write_eof()
                return
            writer.write(piece)

    arriving = asyncio.create_task(arrive())
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            under_way.put_nowait((loop.time() + seconds, piece))
    under_way.put_nowait((loop.time() + seconds, b""))
    with suppress(OSError):
        await arriving
