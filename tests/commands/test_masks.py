"""Masking from the command line: a walk over what was stored before, once."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from backoffice.adapters.storage import storage_for
from backoffice.commands import masks
from backoffice.db import transaction
from backoffice.models.documents import File, Rendition
from backoffice.services import documents
from tests.services.review_cast import CLEAN, SYSTEM, in_review, make_cast
from tests.services.test_file_masks import file_of

pytestmark = pytest.mark.usefixtures("database")


async def test_a_walk_looks_once_at_what_was_stored_before(capsys):
    unsaid = replace(CLEAN, type_guess=None, country_guess=None)
    document_id = (await in_review(await make_cast(), unsaid)).document_id
    async with transaction(SYSTEM.tenancy) as session:
        old = await documents.renditions_of(session, document_id)
        assert old
        await session.execute(update(File).where(File.masking == "before").values(masking="none"))  # of other tests
        await session.execute(update(File).where(File.document_id == document_id).values(masking="before"))
    await masks.show()
    assert "1 are from before" in capsys.readouterr().out
    await masks.run(is_again=False)
    assert "1 documents were looked at" in capsys.readouterr().out
    assert (await file_of(document_id)).masking == "unknown"  # its picture is none, so nobody could tell
    for picture in old:
        assert not await storage_for("default").exists(picture.storage_key)
    async with transaction(SYSTEM.tenancy) as session:
        assert await session.scalar(select(func.count()).where(Rendition.file_id == old[0].file_id)) == 0
    await masks.run(is_again=False)
    assert "0 documents were looked at" in capsys.readouterr().out
