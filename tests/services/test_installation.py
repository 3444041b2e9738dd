"""What an installation runs with: who reads it, that no secret is in it, where each value comes from, what is risky."""

import json
import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from backoffice.errors import NotAllowed
from backoffice.models.base import new_id
from backoffice.models.members import Role
from backoffice.models.setting_notes import NOTES
from backoffice.services import installation, setting_risks
from backoffice.services.access import Actor
from backoffice.settings import BY_REGION, PREFIX, Settings, settings
from backoffice.viewmodels.installation import amount, groups

SYSTEM = Actor.system(name="test")
MARK = "zq7marker9x"
MAIN = "postgresql://db.example/kyc"
DOCS = Path(__file__).parents[2] / "docs" / "operating.md"
SECRETS = {
    "secret_key": MARK * 4,
    "secret_key_previous": MARK * 5,
    "database_url": f"postgresql+psycopg://role:{MARK}@db.example:5432/kyc?sslmode=require&password={MARK}",
    "database_owner_url": f"postgresql+psycopg://owner:{MARK}@db.example/kyc",
    "keystore_url": f"postgresql+psycopg://role:{MARK}@keys.example/keys?password={MARK}",
    "keystore_owner_url": f"postgresql+psycopg://owner:{MARK}@keys.example/keys",
    "redis_url": f"rediss://{MARK}:{MARK}@cache.example:6380/0?password={MARK}",
    "storage_url": f"s3://bucket/prefix?endpoint=https://{MARK}:{MARK}@s3.example&region=eu&secret={MARK}",
    "smtp_url": f"smtp://{MARK}:{MARK}@mail.example:587?from=House%20<house@bank.example>&token={MARK}",
    "sentry_dsn": f"https://{MARK}@errors.example/1",
    "metrics_token": MARK,
    "kek_url": f"aws-kms://alias/kyc?region=eu-central-1&key={MARK}",
    "storage_url_eu": f"s3://bucket-eu?endpoint=https://s3.example/?sig={MARK}&k={MARK}",
}


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """No setting but those that a test sets, and a data folder of its own."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BACKOFFICE_DATA_DIR", str(tmp_path))

    def put(**given: str) -> None:
        for name, value in given.items():
            monkeypatch.setenv(f"{PREFIX}{name.upper()}", value)
        settings.cache_clear()

    put()
    yield put
    settings.cache_clear()


def values() -> dict[str, str]:
    return {one.variable.removeprefix(PREFIX).lower(): one.value for one in installation.listed(SYSTEM)}


def sources() -> dict[str, str]:
    return {one.variable.removeprefix(PREFIX).lower(): one.source for one in installation.listed(SYSTEM)}


@pytest.mark.parametrize("role", Role)
async def test_who_sees_the_machinery_reads_it_and_nobody_else(role, database):
    partner = new_id() if role.startswith("partner_") else None
    actor = Actor.member(id=new_id(), name="Kim", role=role, partner_id=partner)
    if role in {Role.OPERATOR, Role.AUDITOR}:
        assert installation.listed(actor)
        setting_risks.found(actor)
        known = {one.what: one.version for one in await installation.versions(actor)}
        assert known["Database's form"] == known["Form of this code"] != ""
        assert re.match(r"\d+\.\d+", known["PostgreSQL"])
        assert re.match(r"\d+\.\d+", known["Valkey"])
        return
    for ask in (installation.listed, setting_risks.found):
        with pytest.raises(NotAllowed):
            ask(actor)
    with pytest.raises(NotAllowed):
        await installation.versions(actor)


def test_every_setting_is_in_the_list_once_and_in_the_documentation():
    noted = [name for notes in NOTES.values() for name in notes]
    assert sorted(noted) == sorted(Settings.model_fields)
    told = DOCS.read_text()
    for name in noted:
        variable = f"{BY_REGION[name]}_<REGION>" if name in BY_REGION else name.upper()
        assert f"`{variable}`" in told, variable


def test_no_secret_is_in_it(environment):
    environment(**SECRETS)
    found = installation.listed(SYSTEM)
    assert MARK not in repr(found)
    assert MARK not in repr(setting_risks.found(SYSTEM))
    by_name = values()
    assert {by_name[name] for name in ("secret_key", "sentry_dsn", "metrics_token")} == {"set"}
    assert by_name["database_url"] == "postgresql+psycopg://role@db.example:5432/kyc?sslmode=require&password=…"
    assert by_name["redis_url"] == "rediss://…@cache.example:6380/0?password=…"
    assert by_name["smtp_url"] == "smtp://…@mail.example:587?from=House <house@bank.example>&token=…"
    assert by_name["storage_url"] == "s3://bucket/prefix?endpoint=https://…@s3.example&region=eu&secret=…"
    assert by_name["kek_url"] == "aws-kms://alias/kyc?region=eu-central-1&key=…"
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert {one.name for one in found if one.is_secret} == secret - {"storage_urls"} | {"storage_urls"}


def test_an_address_that_cannot_be_read_is_only_set():
    for odd in (
        MARK,
        f"{MARK}@host",
        "http://[::1",
        f"//{MARK}@x/",
        f"redis://:/{MARK}@h/0",
        f"postgresql+psycopg://app:12/{MARK}@db/x",
    ):
        assert installation.shown("redis_url", SecretStr(odd)) == "set"


def test_it_says_where_each_value_comes_from(environment, tmp_path):
    (tmp_path / "token").write_text("t" * 40)
    runtime = {"redis_url": "unix:///run/valkey.sock?db=0", "database_url": "postgresql:///kyc?host=/run"}
    (tmp_path / "runtime.json").write_text(json.dumps(runtime))
    environment(metrics_token_file=str(tmp_path / "token"), undo_seconds="3", database_url=runtime["database_url"])
    by_name = sources()
    assert by_name["undo_seconds"] == "environment"
    assert by_name["metrics_token"] == "file"
    assert (by_name["redis_url"], by_name["database_url"]) == ("runtime", "runtime")
    assert by_name["claim_seconds"] == "default"
    assert values()["metrics_token"] == "set"
    environment(database_url="postgresql://elsewhere/kyc")
    assert sources()["database_url"] == "environment"


def test_what_is_not_set_says_what_holds_instead(environment, tmp_path):
    environment(port="8123")
    by_name = values()
    assert by_name["public_url"] == "http://localhost:8123"
    assert by_name["storage_url"] == f"{tmp_path}/documents"
    assert by_name["database_url"] == "embedded, started by `backoffice up`"
    assert (by_name["sentry_dsn"], by_name["passkey_roles"], by_name["demo"]) == ("not set", "none", "off")
    assert not [name for name in by_name if name.startswith("storage_url_")]


def risky(**given: object) -> dict[str, bool]:
    well = {
        "public_url": "https://kyc.bank.example", "trusted_proxy_hops": 1, "kek_url": "aws-kms://alias/kyc?region=eu",
        "smtp_url": "smtp://mail?from=a@b.example", "sentry_dsn": "https://x@y/1", "metrics_token": "t" * 40,
        "storage_url": "s3://bucket", "web_hosts": 2,
    }  # fmt: skip
    found = setting_risks.of(Settings(**well | given))  # type: ignore[arg-type]
    return {one.variable.removeprefix(PREFIX).lower(): one.is_grave for one in found}


def test_what_is_well_set_is_not_risky(environment):
    assert risky() == {}


@pytest.mark.parametrize(
    ("given", "risk"),
    [
        ({"demo": True}, {"demo": True}),
        ({"public_url": "http://kyc.bank.example"}, {"public_url": True}),
        ({"webhook_allow_hosts": "localhost"}, {"webhook_allow_hosts": True}),
        ({"trusted_proxy_hops": 0}, {"trusted_proxy_hops": False}),
        ({"kek_url": "file:///keys/kek.json"}, {"kek_url": False}),
        ({"kek_previous_url": "file:///keys/old.json"}, {"kek_previous_url": False}),
        ({"secret_key_previous": "the one of before, of forty letters too"}, {"secret_key_previous": False}),
        ({"audit_lock_days": 0}, {"audit_lock_days": False}),
        ({"smtp_url": None}, {"smtp_url": True}),
        ({"sentry_dsn": None}, {"sentry_dsn": False}),
        ({"metrics_token": None}, {"metrics_token": False}),
        ({"storage_url": None}, {"storage_url": True}),
        (
            {"database_url": MAIN, "database_owner_url": MAIN, "keystore_url": "postgresql://keys.example/k"},
            {"database_owner_url": True},
        ),
        ({"database_url": MAIN}, {"keystore_url": False}),
        ({"database_url": MAIN, "keystore_url": MAIN}, {"keystore_url": False}),
        ({"database_url": MAIN, "keystore_url": "postgresql://db.example:5432/keys"}, {"keystore_url": False}),
        (
            {"database_url": "postgresql:///a?host=/run", "keystore_url": "postgresql:///b?host=/run"},
            {"keystore_url": False},
        ),
    ],
)
def test_each_risky_value_is_named_with_what_to_do(environment, given, risk):
    assert risky(**given) == risk
    assert all(one.says and one.remedy for one in setting_risks.of(Settings()))


def test_a_search_needs_all_of_its_words(environment):
    environment()
    found = groups(installation.listed(SYSTEM), "KEEP sessions")
    assert [row.variable for group in found for row in group.rows] == ["BACKOFFICE_KEEP_SESSIONS_DAYS"]
    assert amount(found) == "1 setting"
    assert groups(installation.listed(SYSTEM), "nothing is called so") == []


def test_the_command_needs_no_database(environment, capsys):
    from backoffice.commands import settings_list

    environment(**SECRETS)
    settings_list.show("")
    said = capsys.readouterr().out
    assert "BACKOFFICE_SECRET_KEY = set (environment)" in said
    assert "BACKOFFICE_KEK_URL = aws-kms://alias/kyc" in said
    assert "✗ BACKOFFICE_PUBLIC_URL: People reach this installation without TLS" in said
    assert MARK not in said
    settings_list.show("nothing is called so")
    assert "No setting has these words." in capsys.readouterr().out
