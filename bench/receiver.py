"""A partner's server as one writes it: aiohttp reads the message and answers 204; it also tells what came and when."""

import sys
import time

from aiohttp import web


class Seen:
    """What came since the last reset."""

    def __init__(self) -> None:
        self.count, self.first, self.last = 0, 0.0, 0.0

    async def take(self, request: web.Request) -> web.Response:
        await request.read()
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.count += 1
        return web.Response(status=204)

    async def tell(self, _: web.Request) -> web.Response:
        return web.json_response({"count": self.count, "seconds": self.last - self.first})

    async def reset(self, _: web.Request) -> web.Response:
        self.__init__()
        return web.Response()


def app() -> web.Application:
    seen, server = Seen(), web.Application()
    server.add_routes([web.post("/hook", seen.take), web.get("/", seen.tell), web.get("/reset", seen.reset)])
    return server


if __name__ == "__main__":
    web.run_app(app(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
