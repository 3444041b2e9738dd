"""`backoffice sso`, as an operator calls it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.oidc_provider import Provider
from tests.sso_cast import make_company, member_of
from tests.web_process import ROOT

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(180), pytest.mark.slow]


def called(*arguments: str) -> tuple[int, str]:
    told = subprocess.run(
        [str(Path(sys.executable).with_name("backoffice")), "sso", *arguments],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "400"}, capture_output=True, text=True,
        check=False, timeout=100,
    )  # fmt: skip
    return told.returncode, told.stdout + told.stderr


async def test_a_domain_is_listed_confirmed_and_its_company_let_back_in(provider: Provider):
    provider.lie()
    company = await make_company(provider, is_proven=False)
    code, told = called("list")
    assert code == 0
    assert f"waits for TXT _partner-backoffice.{company.domain} = partner-backoffice-domain=" in told
    assert called("confirm", company.slug, f"not-{company.domain}")[0] == 1
    assert called("confirm", "nobody-here", company.domain)[0] == 1
    code, told = called("confirm", company.slug, company.domain)
    assert (code, "is proven for Fjord Bank" in told) == (0, True)
    email = company.somebody()
    await company.enter(email)
    await company.change(is_only_way=True)
    assert "the only way in" in called("list")[1]
    assert "linked anew" in called("unlink", email)[1]
    assert called("unlink", email)[0] == 1
    assert "People sign in with their passwords" in called("disable", company.slug)[1]
    assert "off already" in called("disable", company.slug)[1]
    assert await member_of(email)
