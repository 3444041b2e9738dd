"""What tests of deliveries share."""

from tests.services.webhook_cast import (
    deliveries_of,
)

NOWHERE = "http://127.0.0.1:9/hook"


async def states(endpoint):
    return [row.state for row in await deliveries_of(endpoint)]
