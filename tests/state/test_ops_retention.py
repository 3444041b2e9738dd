"""The page of retention through its own handlers, on the real services."""

import pytest

from backoffice.errors import NotAllowed
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.ops.retention import RetentionState
from backoffice.state.ops.retention_acts import RetentionActsState
from backoffice.viewmodels.retention import keeps
from tests.services.retention_cast import doc, ended
from tests.services.review_cast import make_cast
from tests.state.review_screen import screen, sign_in
from tests.state.test_review import handlers_of

pytestmark = pytest.mark.usefixtures("database")
PLACE = "/ops/retention"
FORM = {"partner": "", "ending": "approved", "place": "", "type": "passport", "days": "400", "basis": "Contract §4"}


async def opened(role=Role.OPERATOR):
    """The page and its dialogs, in one tab."""
    _, reference = await sign_in(role)
    acts = await screen(RetentionActsState, reference, PLACE)
    page = await acts.get_state(RetentionState)
    await page.open()
    return page, acts


def test_what_changes_anything_is_for_operators():
    reads = {"open", "refresh", "count", "close"}
    for state in (RetentionState, RetentionActsState):
        for name, function in handlers_of(state).items():
            wanted = Permission.RETENTION_READ if name in reads else Permission.RETENTION_WRITE
            assert audience_of(function).permissions == {wanted}, name


async def test_past_the_gate_the_services_still_refuse():
    with pytest.raises(NotAllowed):
        await opened(Role.REVIEW_LEAD)
    _, acts = await opened(Role.AUDITOR)
    await acts.look(FORM)
    await acts.commit()
    assert "retention:write" in acts.error


async def test_a_rule_is_looked_at_put_in_force_changed_and_ended():
    cast = await make_cast()
    form = FORM | {"partner": str(cast.partner.id)}
    page, acts = await opened()
    await acts.ask("rule", "")
    assert acts.asking == "rule"
    await acts.look(form)
    assert (acts.asking, acts.wanted.partner, acts.wanted.keeps) == ("preview", cast.partner.name, "400 days")
    assert acts.preview.counted_at
    await acts.commit()
    assert acts.asking == ""
    await page.refresh()
    row = next(one for one in page.rules if one.partner_id == str(cast.partner.id))
    await acts.ask("rule", row.id)
    await acts.look(form | {"days": "1827", "is_duty": "yes"})
    await acts.back()
    assert (acts.asking, acts.wanted.days, acts.wanted.is_duty) == ("rule", "1827", True)
    await acts.look(form | {"days": "1827", "is_duty": "yes"})
    await acts.commit()
    await page.refresh()
    row = next(one for one in page.rules if one.partner_id == str(cast.partner.id))
    assert (row.keeps, row.version, row.is_duty) == ("5 years", 2, True)
    await acts.ask("end", row.id)
    await acts.end()
    await page.refresh()
    assert str(cast.partner.id) not in {one.partner_id for one in page.rules}


async def test_of_two_who_change_one_rule_the_second_is_told():
    cast = await make_cast()
    form = FORM | {"partner": str(cast.partner.id)}
    first, acts = await opened()
    await acts.look(form)
    await acts.commit()
    await first.refresh()
    second, others = await opened()
    row = next(one for one in second.rules if one.partner_id == str(cast.partner.id))
    for one, days in ((acts, "10"), (others, "20")):
        await one.ask("rule", row.id)
        await one.look(form | {"days": days})
    await acts.commit()
    await others.commit()
    assert acts.error == ""
    assert "since you opened it" in others.error


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"days": "many"}, "days"), ({"days": "0"}, "days"), ({"basis": " "}, "basis"), ({"place": "?"}, "place"),
        ({"partner": "nobody"}, "partner"),
    ],
)  # fmt: skip
async def test_a_form_says_what_is_wrong_with_it(changes, place):
    _, acts = await opened()
    await acts.ask("rule", "")
    await acts.look(FORM | changes)
    assert (acts.asking, acts.error_field) == ("rule", place)
    assert acts.error


async def test_a_hold_is_placed_and_released():
    document_id = await ended(await make_cast())
    page, acts = await opened()
    await acts.ask_hold("")
    form = {"subject": doc(document_id), "owner": "Police", "basis": "Order 1", "reason": "Case 7"}
    await acts.place(form | {"ends_at": "soon"})
    assert (acts.asking, acts.error_field) == ("hold", "ends_at")
    await acts.place(form | {"ends_at": "2099-03-31"})
    await page.refresh()
    row = next(one for one in page.holds if one.subject == doc(document_id))
    assert row.ends_at.startswith("2099-04-01T00:00")
    await acts.ask_hold(row.id)
    await acts.release({"why": ""})
    assert (acts.asking, acts.error_field) == ("release", "why")
    await acts.release({"why": "Over"})
    await page.refresh()
    assert doc(document_id) not in {one.subject for one in page.holds}


async def test_a_count_that_fails_leaves_the_page_standing(monkeypatch):
    from backoffice.errors import Unavailable
    from backoffice.services import retention_forecasts

    async def slow(*_):
        raise Unavailable("Counting took too long.")

    with monkeypatch.context() as patch:
        patch.setattr(retention_forecasts, "soon", slow)
        page, _ = await opened()
    assert (page.is_loaded, page.count_error) == (True, "Counting took too long.")
    assert page.rules
    await page.count()
    assert page.count_error == ""


def test_days_are_said_as_people_do():
    said = {
        1: "1 day",
        90: "90 days",
        365: "1 year",
        400: "400 days",
        1826: "5 years",
        1827: "5 years",
        3653: "10 years",
    }
    assert {days: keeps(days) for days in said} == said
    assert public_id(Prefix.RETENTION_RULE, None) == ""
