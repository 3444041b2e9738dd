"""The page of security alerts through its own handlers, on the real services."""

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.jobs import security as jobs
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.security_facts import SecurityKind as K
from backoffice.models.security_rules import RULES, Counts
from backoffice.services import audit, security_rules
from backoffice.services.access import Permission
from backoffice.state.gate import audience_of
from backoffice.state.ops.security import SecurityActsState, SecurityDeskState
from tests.services.people import SYSTEM, actor_of, make_person
from tests.services.test_fleet import call
from tests.state.review_screen import go, screen, sign_in
from tests.state.test_review import handlers_of

pytestmark = pytest.mark.usefixtures("database", "rules")
PLACE = "/ops/security"


async def opened(role=Role.OPERATOR, url=PLACE):
    """The page and its dialogs, in one tab."""
    _, reference = await sign_in(role)
    acts = await screen(SecurityActsState, reference, url)
    page = await acts.get_state(SecurityDeskState)
    await page.open()
    return page, acts, reference


async def an_alert():
    """One person who was refused too often."""
    await call(security_rules.save, SYSTEM, K.GUARD_DENIALS, Counts(1, 10))
    person = actor_of(await make_person(Role.PARTNER_ANALYST))
    async with transaction(Tenancy.everyone()) as session:
        await audit.record(session, person, "event.refused", result="denied", changes={"event": "x"})
    await jobs.watch()
    return person


def test_what_changes_anything_is_for_operators():
    reads = {"open", "refresh", "remove", "close"}
    for state in (SecurityDeskState, SecurityActsState):
        for name, function in handlers_of(state).items():
            wanted = Permission.SECURITY_READ if name in reads else Permission.SECURITY_WRITE
            assert audience_of(function).permissions == {wanted}, name


async def test_past_the_gate_the_services_still_refuse():
    for role in (Role.REVIEWER, Role.REVIEW_LEAD):
        with pytest.raises(NotAllowed):
            await opened(role)
    person = await an_alert()
    page, acts, _ = await opened(Role.AUDITOR, f"{PLACE}?partner={public_id(Prefix.PARTNER, person.partner_id)}")
    await acts.ask(page.rows[0].id)
    await acts.acknowledge({"note": "Seen"})
    assert "security:write" in acts.error


async def test_an_alert_says_what_about_whom_and_is_acknowledged_with_a_note():
    person = await an_alert()
    page, acts, reference = await opened(url=f"{PLACE}?partner={public_id(Prefix.PARTNER, person.partner_id)}")
    [row] = page.rows
    assert (row.label, row.subject, row.counted, row.is_open) == ("Burst of refusals", person.name, "1", True)
    assert row.rule == "Pages, events or the API refused one person or key within 10 minutes: 1 times or more."
    assert row.links[0].href.startswith("/ops/audit/aud_")
    assert "from=" in row.log_href
    assert [one.name for one in page.chips] == ["partner"]
    await acts.ask("nonsense")
    assert acts.asking == ""
    await acts.ask(row.id)
    assert acts.asking == "acknowledge"
    await acts.acknowledge({"note": " "})
    assert (acts.error_field, acts.asking) == ("note", "acknowledge")
    await acts.acknowledge({"note": "A program of theirs lacked a right."})
    assert acts.asking == ""
    await page.refresh()
    [row] = page.rows
    assert (row.is_open, row.note) == (False, "A program of theirs lacked a right.")
    assert row.by
    await go(page, reference, f"{PLACE}?partner={public_id(Prefix.PARTNER, person.partner_id)}&state=open")
    await page.open()
    assert page.rows == []
    await go(page, reference, f"{PLACE}?kind=nonsense&state=nonsense&partner=nonsense")
    await page.open()
    assert page.rows


async def test_a_rule_is_changed_in_its_form():
    page, acts, _ = await opened()
    assert [one.kind for one in page.rules] == [str(kind) for kind in RULES]
    await acts.ask_rule("mass_reveal")
    assert (acts.asking, acts.rule.threshold, acts.rule.version) == ("rule", "30", 0)
    for form, name in (
        ({"threshold": "many", "minutes": "60"}, "threshold"), ({"threshold": "5", "minutes": "0"}, "minutes"),
    ):  # fmt: skip
        await acts.save(form | {"is_on": "yes"})
        assert acts.error_field == name
    await acts.save({"threshold": "5", "minutes": "30", "is_on": "yes"})
    assert acts.asking == ""
    await page.refresh()
    [row] = [one for one in page.rules if one.kind == "mass_reveal"]
    assert (row.threshold, row.minutes, row.is_on, row.is_own) == ("5", "30", True, True)
    assert "5 documents within 30 minutes" in row.says
    await acts.save({"threshold": "6", "minutes": "30", "is_on": "yes"})
    assert "Somebody changed" in acts.error
