from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.api.world import World, make_world


@pytest.fixture(scope="session")
async def client(database) -> AsyncIterator[httpx2.AsyncClient]:
    from backoffice.adapters import live
    from backoffice.api.app import partner_api
    from backoffice.api.routing import whole
    from backoffice.services.intake import admission

    app = Starlette(routes=[whole(Mount("/api/v1", partner_api))])
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as browser:
        yield browser
    admission().close()
    admission.cache_clear()
    await live.close()


@pytest.fixture
async def acme(database) -> World:
    return await make_world()


@pytest.fixture
async def rival(database) -> World:
    return await make_world()
