from sqlalchemy import text

from backoffice.db import Tenancy, transaction


async def test_reasons_are_there(database):
    async with transaction(Tenancy.everyone()) as session:
        assert (await session.execute(text("select count(*) from reasons"))).scalar_one() > 40
