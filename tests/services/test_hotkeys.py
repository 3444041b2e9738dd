"""Keys of one's own: only one's own, only keys, and the same in every browser."""

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.errors import Invalid, NotFound
from backoffice.models.members import Role
from backoffice.services import hotkeys
from tests.services.review_cast import SYSTEM, make_cast, member

pytestmark = pytest.mark.usefixtures("database")


async def keep(actor, wanted):
    async with transaction(Tenancy.everyone()) as session:
        return await hotkeys.keep(session, actor, wanted)


async def read(actor):
    async with transaction(Tenancy.everyone()) as session:
        return await hotkeys.read(session, actor)


async def test_everybody_has_their_own():
    cast = await make_cast()
    kim, joe = await member(cast, Role.REVIEWER), await member(cast, Role.REVIEWER)
    await keep(kim, {"on": True, "keys": {"approve": "F", "reject": ""}})
    assert (await read(kim)).keys == {"approve": "f", "reject": ""}
    assert (await read(joe)).keys == {}
    await keep(kim, {"on": False, "keys": {}})
    assert ((await read(kim)).on, (await read(kim)).keys) == (False, {})
    with pytest.raises(NotFound):
        await keep(SYSTEM, {"keys": {}})


@pytest.mark.parametrize(
    "keys",
    [
        {"approve": "enter"},
        {"approve": "mod+a"},
        {"approve": " "},
        {"approve": "ab"},
        {"Approve!": "a"},
        {"approve": "a", "reject": "a"},
        {f"c{number}": "" for number in range(81)},
        "approve",
    ],
)
async def test_what_is_no_single_key_is_refused(keys):
    kim = await member(await make_cast(), Role.REVIEWER)
    with pytest.raises(Invalid):
        await keep(kim, {"keys": keys})
    assert (await read(kim)).keys == {}
