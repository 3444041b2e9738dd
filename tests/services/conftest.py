"""What tests of services begin with."""

import os
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from backoffice.adapters import live
from backoffice.db import Tenancy, transaction
from backoffice.models.reviewers import Availability, Reviewer
from backoffice.settings import settings
from tests.region_cast import endpoints, places  # noqa: F401 fixtures
from tests.services.secret_cast import own  # noqa: F401 a fixture
from tests.services.security_cast import rules  # noqa: F401 a fixture


@pytest.fixture
async def nobody_there(database) -> AsyncIterator[None]:
    """Let nobody whom another test left at work, in this file or any other, take what one hands out."""
    await _send_home()
    yield
    await _send_home()


async def _send_home() -> None:
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(update(Reviewer).values(availability=Availability.AWAY))


@pytest.fixture
async def redis_away() -> AsyncIterator[None]:
    """No Redis answers: a port where nothing listens."""
    kept = os.environ["BACKOFFICE_REDIS_URL"]
    await live.close()
    os.environ["BACKOFFICE_REDIS_URL"] = "redis://127.0.0.1:1/0"
    settings.cache_clear()
    yield
    await live.close()
    os.environ["BACKOFFICE_REDIS_URL"] = kept
    settings.cache_clear()
