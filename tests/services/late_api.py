"""The API as a page's process asks it, on a day on which it is slow."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import Mount

from backoffice.api.app import MOUNTED_AT, partner_api


class Late:
    """The real API, whose answers wait until they may go."""

    def __init__(self):
        self.app = Starlette(routes=[Mount(MOUNTED_AT, partner_api)])
        self.is_done, self.may_go = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope, receive, send):
        held = []

        async def hold(message):
            held.append(message)

        await self.app(scope, receive, hold)
        self.is_done.set()
        await self.may_go.wait()
        for message in held:
            await send(message)
