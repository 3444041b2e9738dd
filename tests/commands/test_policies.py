"""Policies from the command line: the file is checked, kept in somebody's name, and replayed."""

import pytest

from backoffice.commands import policies
from backoffice.db import transaction
from backoffice.errors import Invalid, NotAllowed, NotFound
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from tests.services.people import make_person
from tests.services.policy_cast import APPROVES, EVERYONE, GOOD, UNSURE, published, screened
from tests.services.review_cast import make_cast

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.yaml"
    path.write_text(APPROVES)
    return path


async def test_check_names_file_and_line(tmp_path, good, capsys):
    assert await policies.check(good) == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text(APPROVES.replace("check: expiry", "chek: expiry"))
    assert await policies.check(bad) == 1
    assert f"{bad}:8: chek is not part of the language here." in capsys.readouterr().out


@pytest.mark.parametrize("data", [None, b"\xff\xfe\x00"])
async def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, data):
    path = tmp_path / "policy.yaml"
    if data:
        path.write_bytes(data)
    with pytest.raises(SystemExit, match="cannot be read"):
        await policies.check(path)


async def test_a_draft_is_somebodys(good, capsys):
    cast = await make_cast()
    operator, reviewer = await make_person(Role.OPERATOR), await make_person(Role.REVIEWER)
    await policies.draft(good, operator.email, "First words", cast.partner.slug)
    assert "@1" in capsys.readouterr().out
    await policies.show(cast.partner.slug)
    said = capsys.readouterr().out
    assert "First words" in said
    assert "draft" in said
    with pytest.raises(NotAllowed):
        await policies.draft(good, reviewer.email, "", "")
    with pytest.raises(NotFound):
        await policies.draft(good, "nobody@example.test", "", "")
    with pytest.raises(NotFound):
        await policies.show("no-such-partner")


async def test_a_back_test_prints_what_would_change(good, tmp_path, capsys):
    cast = await make_cast()
    for screening in (GOOD, GOOD, UNSURE):
        await screened(cast, screening)
    await policies.backtest(good, 30, cast.partner.slug)
    said = capsys.readouterr().out
    assert "3 documents" in said
    assert "2 change" in said
    assert "Decided without a person: 0 → 2" in said
    bad = tmp_path / "bad.yaml"
    bad.write_text("rules: [")
    with pytest.raises(Invalid):
        await policies.backtest(bad, 30, "")


async def test_a_partner_can_have_people_every_time(capsys):
    cast = await make_cast()
    await policies.want_person(cast.partner.slug, wanted=True)
    async with transaction(EVERYONE) as session:
        assert (await session.get(Partner, cast.partner.id)).settings["human_review"] is True
    assert "A person decides" in capsys.readouterr().out


async def test_a_partners_own_policy_can_be_ended(capsys):
    cast = await make_cast()
    operator, reviewer = await make_person(Role.OPERATOR), await make_person(Role.REVIEWER)
    version = await published(cast)
    with pytest.raises(NotAllowed):
        await policies.withdraw(cast.partner.slug, reviewer.email)
    await policies.withdraw(cast.partner.slug, operator.email)
    assert f"{version.label} is retired" in capsys.readouterr().out.replace("\n", " ")
    with pytest.raises(NotFound):
        await policies.withdraw(cast.partner.slug, operator.email)
    with pytest.raises(SystemExit, match="Name a partner"):
        await policies.withdraw("", operator.email)
