"""Retention from the command line: the same services, in an operator's name."""

from datetime import timedelta

import pytest

from backoffice.commands import retention
from backoffice.errors import NotAllowed, NotFound
from backoffice.models.members import Role
from backoffice.services.legal_holds import Draft
from tests.services.people import make_person
from tests.services.retention_cast import FIVE_YEARS, doc, ended, stored
from tests.services.review_cast import make_cast

pytestmark = pytest.mark.usefixtures("database")
ANY = {"ending": "", "place": "", "type_": "", "duty": False}


async def emails(*roles):
    return [(await make_person(role)).email for role in roles]


async def test_rules_are_set_in_an_operators_name_and_superseded(capsys):
    cast = await make_cast()
    operator, lead = await emails(Role.OPERATOR, Role.REVIEW_LEAD)
    wanted = {"partner_slug": cast.partner.slug, "days": 12, "basis": "Contract §4"} | ANY
    with pytest.raises(NotAllowed):
        await retention.put(lead, **wanted)
    with pytest.raises(NotFound):
        await retention.put(operator, **wanted | {"partner_slug": "nobody"})
    await retention.put(operator, **wanted)
    await retention.put(operator, **wanted | {"days": 13})
    assert "Version 2 is in force: 13 days" in capsys.readouterr().out
    await retention.show()
    assert cast.partner.name in capsys.readouterr().out


async def test_a_preview_changes_nothing(capsys):
    cast = await make_cast()
    document_id = await ended(cast, age=timedelta(days=20), type="passport")
    before = await stored(document_id)
    await retention.preview(partner_slug=cast.partner.slug, days=10, basis="preview", **ANY)
    assert "1 documents go in 7 days" in capsys.readouterr().out
    assert await stored(document_id) == before


async def test_a_hold_keeps_what_a_run_would_delete(capsys):
    cast = await make_cast()
    held, free = [await ended(cast, age=FIVE_YEARS + timedelta(days=1)) for _ in range(2)]
    operator, lead = await emails(Role.OPERATOR, Role.REVIEW_LEAD)
    given = Draft(subject=doc(held), owner="Police", basis="Order 1", reason="Case", ends_at=None)
    with pytest.raises(NotAllowed):
        await retention.place(lead, given)
    await retention.place(operator, given)
    hold = capsys.readouterr().out.split()[0]
    await retention.holds()
    assert hold in capsys.readouterr().out
    await retention.run()
    said = capsys.readouterr().out
    assert "held." in said
    assert "sessions" in said
    assert ((await stored(held)).status, (await stored(free)).status) == ("approved", "redacted")
    await retention.release(hold, operator, "Over")
    await retention.run()
    assert (await stored(held)).status == "redacted"


def test_a_last_day_is_a_date():
    assert retention.last_moment("2027-03-31").isoformat() == "2027-04-01T00:00:00+00:00"
    assert retention.last_moment("") is None
    with pytest.raises(SystemExit, match="no date"):
        retention.last_moment("soon")
