"""What tests of services begin with."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from backoffice.db import Tenancy, transaction
from backoffice.models.reviewers import Availability, Reviewer
from tests.region_cast import endpoints, places  # noqa: F401 fixtures
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
