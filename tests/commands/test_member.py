"""`backoffice member reset-factor`, as an operator calls it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.db import Tenancy, transaction
from backoffice.models.members import Member, Role
from tests.services.people import make_person
from tests.web_process import ROOT

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180), pytest.mark.slow]


def called(*arguments: str, typed: str = "") -> tuple[int, str]:
    told = subprocess.run(
        [str(Path(sys.executable).with_name("backoffice")), "member", "reset-factor", *arguments],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "400"}, capture_output=True, text=True,
        check=False, timeout=100, input=typed,
    )  # fmt: skip
    return told.returncode, told.stdout + told.stderr


async def has_one(person) -> bool:
    async with transaction(Tenancy.everyone()) as session:
        return (await session.get_one(Member, person.id)).has_second_factor


async def test_it_asks_first_and_is_done_once():
    person, other = await make_person(Role.OPERATOR), await make_person(Role.PARTNER_ADMIN)
    for typed in ("n\n", ""):
        assert called(person.email, typed=typed)[0] == 1
    assert await has_one(person)
    code, told = called(person.email, typed="y\n")
    assert (code, "the password alone protects" in told, "is forgotten" in told) == (0, True, True)
    assert not await has_one(person)
    code, told = called(person.email, "--yes")
    assert (code, "has no second factor" in told) == (0, True)
    assert "is forgotten" in called(other.email, "--yes")[1]
    assert not await has_one(other)
    code, told = called("nobody@example.test", "--yes")
    assert (code, "Nobody signs in with" in told) == (1, True)
