"""Who may do what: read by who may, complete, counted right, and one entry for every look at everybody."""

import csv

import pytest
from sqlalchemy import func, select

from backoffice.commands import access_review
from backoffice.db import Tenancy, transaction
from backoffice.errors import NotAllowed
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.members import Role
from backoffice.services import access_reviews, api_keys, people
from backoffice.services.access import GRANTED_BY, Permission
from backoffice.services.permissions import ROLE_PERMISSIONS
from backoffice.viewmodels.access_reviews import HEAD, WORDS, csv_lines, permission_rows, role_cards
from tests.services.people import SYSTEM, actor_of, make_person
from tests.services.test_fleet import call

pytestmark = pytest.mark.usefixtures("database")
GRANTED = {str(role): frozenset(map(str, permissions)) for role, permissions in ROLE_PERMISSIONS.items()}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.AUDITOR}))
async def test_who_is_no_operator_reads_nothing(role):
    person = actor_of(await make_person(role))
    for function in (access_reviews.roles, access_reviews.everybody):
        with pytest.raises(NotAllowed):
            await call(function, person)


async def test_each_role_is_counted_and_who_is_disabled_is_not():
    auditor = actor_of(await make_person(Role.AUDITOR))

    async def analysts():
        return next(one for one in await call(access_reviews.roles, auditor) if one.role == Role.PARTNER_ANALYST)

    before, person = await analysts(), await make_person(Role.PARTNER_ANALYST)
    assert ((await analysts()).people, (await analysts()).with_second_factor) == (
        before.people + 1,
        before.with_second_factor,
    )
    operator = actor_of(await make_person(Role.OPERATOR))
    await call(people.disable, operator, person.id, typed=person.email)
    assert (await analysts()).people == before.people


async def test_a_review_names_everybody_and_every_key_and_is_written_down(tmp_path, capsys):
    person = await make_person(Role.PARTNER_ADMIN)
    async with transaction(SYSTEM.tenancy) as session:
        key, _ = await api_keys.create(
            session, SYSTEM, partner_id=person.partner_id, name="=cmd|'/c calc'!A0", livemode=True,
            scopes=frozenset({Permission.DOCUMENTS_READ}),
        )  # fmt: skip
    file = tmp_path / "review.csv"
    await access_review.export(file)
    with file.open(newline="", encoding="utf-8") as source:
        lines = list(csv.DictReader(source))
    assert f"{len(lines):,} people and keys" in capsys.readouterr().out
    [mine] = [line for line in lines if line["login"] == person.email]
    assert (mine["role"], mine["state"], mine["second_factor"]) == ("partner_admin", "active", "yes")
    assert set(mine["permissions"].split()) == GRANTED["partner_admin"]
    [its] = [line for line in lines if line["kind"] == "api_key" and line["login"] == key.last_four]
    assert (its["name"], its["permissions"]) == ("'=cmd|'/c calc'!A0", "documents:read")
    staff = [line["partner"] == "staff" for line in lines if line["kind"] == "member"]
    assert staff == sorted(staff, reverse=True)
    async with transaction(Tenancy.everyone()) as session:
        entries = select(func.count()).where(AuditEntry.action == "access_review.read")
        before = (await session.execute(entries)).scalar_one()
    await call(access_reviews.everybody, actor_of(await make_person(Role.AUDITOR)))
    async with transaction(Tenancy.everyone()) as session:
        assert (await session.execute(entries)).scalar_one() == before + 1


def test_every_permission_has_words_and_the_matrix_is_that_of_the_services():
    rows = permission_rows(GRANTED)
    named = [row.permission for row in rows]
    assert sorted(named) == sorted(set(Permission) - {Permission.SYSTEM})
    assert {row.family for row in rows} == set(WORDS)
    for row in rows:
        granted = {one.role for one in row.grants if one.is_granted}
        assert granted == set(GRANTED_BY[Permission(row.permission)]), row.permission
        assert len(row.grants) == len(Role)


async def test_cards_say_who_lacks_a_second_factor():
    counts = await call(access_reviews.roles, actor_of(await make_person(Role.AUDITOR)))
    cards = {one.role: one for one in role_cards(counts)}
    assert set(cards) == set(Role)
    assert cards["auditor"].href == "/ops/users?role=auditor"
    assert csv_lines([]) == [list(HEAD)]
