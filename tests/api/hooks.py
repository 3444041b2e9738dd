"""A partner of the API's tests as the casts of the webhook tests know one."""

from types import SimpleNamespace

from tests.services.webhook_cast import quiet


def cast_of(world):
    return SimpleNamespace(partner=SimpleNamespace(id=world.partner_id))


async def hush(world):
    """Switch a test's endpoints off, so that no later test's dispatcher calls a receiver that has gone."""
    await quiet(cast_of(world))
