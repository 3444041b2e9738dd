import itertools
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.api.world import World, make_world
from tests.region_cast import endpoints, places  # noqa: F401 fixtures

ADDRESSES = (f"127.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in itertools.count(1))


@pytest.fixture(scope="session")
def transport() -> httpx2.ASGITransport:
    from backoffice.api.app import partner_api
    from backoffice.api.routing import whole

    app = Starlette(routes=[whole(Mount("/api/v1", partner_api))])
    return httpx2.ASGITransport(app=app, raise_app_exceptions=False)


@pytest.fixture(autouse=True)
def address(transport: httpx2.ASGITransport) -> str:
    """Call from another address in each test: what is counted by address would add up over the whole run."""
    found = next(ADDRESSES)
    transport.client = (found, 40_000)
    return found


@pytest.fixture(scope="session")
async def client(database, transport) -> AsyncIterator[httpx2.AsyncClient]:
    from backoffice.adapters import live
    from backoffice.services import copies
    from backoffice.services.intake import admission

    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as browser:
        yield browser
    admission().close()
    admission.cache_clear()
    copies.close()
    await live.close()


@pytest.fixture
async def acme(database) -> World:
    return await make_world()


@pytest.fixture
async def rival(database) -> World:
    return await make_world()
