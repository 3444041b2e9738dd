"""What Sentry's client sends, taken by a real server: kinds, places and codes, and nothing of anybody."""

import json
import logging
import re

import pytest
import sentry_sdk

from backoffice import specimens
from backoffice.adapters import error_reports
from backoffice.errors import Conflict
from backoffice.settings import SettingsError, settings
from tests.error_receiver import receiver
from tests.jobs.test_privacy import secrets_of

TOKEN, PASSWORD = "kyc_live_zq7token9x", "amber-zq7pass-heron"
HOLDER = specimens.person(811, nationality="FRA")
log = logging.getLogger("backoffice.tests")


@pytest.fixture
def taken(monkeypatch):
    """A receiver, and this process reporting to it."""
    with receiver() as kept:
        monkeypatch.setenv("BACKOFFICE_SENTRY_DSN", kept.dsn)
        settings.cache_clear()
        error_reports.configure("web")
        yield kept
        error_reports.close()
        sentry_sdk.get_isolation_scope().clear()
        sentry_sdk.get_global_scope().set_client(None)
        settings.cache_clear()


def known() -> set[str]:
    return secrets_of(HOLDER) | {TOKEN, PASSWORD, "zq7", HOLDER.full_name}


def fail(name: str, password: str) -> None:
    """Break with everything at hand that must not leave."""
    local = {"name": name, "password": password, "birth": HOLDER.date_of_birth.isoformat()}
    try:
        raise ValueError(f"bad row {local}")
    except ValueError as error:
        raise RuntimeError(f"cannot store {name}") from error


def broken() -> None:
    sentry_sdk.set_user({"id": "mem_1", "email": f"{HOLDER.surname}@example.test", "ip_address": "203.0.113.9"})
    sentry_sdk.add_breadcrumb(message=f"looked at {HOLDER.full_name}", data={"token": TOKEN})
    sentry_sdk.set_context("applicant", {"name": HOLDER.full_name})
    sentry_sdk.set_extra("cookie", f"sid={TOKEN}")
    sentry_sdk.set_tag("who", HOLDER.surname)
    try:
        fail(HOLDER.full_name, PASSWORD)
    except RuntimeError:
        log.exception(
            "job_failed",
            extra={
                "job": "document.screen", "job_id": 17, "attempt": 2, "request_id": f"req_{'a' * 32}",
                "authorization": f"Bearer {TOKEN}", "document_id": HOLDER.document_number, "part": HOLDER.surname,
            },
        )  # fmt: skip


def test_kind_place_and_codes_arrive_and_nothing_of_anybody(taken):
    broken()
    taken.until(lambda events: len(events) == 1)
    (event,) = taken.events()
    assert event["logentry"] == {"message": "job_failed"}
    assert event["tags"] == {
        "process": "web", "job": "document.screen", "job_id": "17", "attempt": "2", "request_id": f"req_{'a' * 32}",
    }  # fmt: skip
    cause, last = event["exception"]["values"]
    assert [(one["type"], one["value"]) for one in (cause, last)] == [("ValueError", ""), ("RuntimeError", "")]
    frames = last["stacktrace"]["frames"]
    assert [frame["function"] for frame in frames] == ["broken", "fail"]
    assert all(set(frame) == {"filename", "module", "function", "lineno", "in_app"} for frame in frames)
    assert set(event) <= {
        "event_id", "timestamp", "level", "platform", "release", "environment", "server_name", "tags", "logger",
        "logentry", "exception", "sdk",
    }  # fmt: skip
    everything = "\n".join(taken.raw)
    assert [word for word in known() if word in everything] == []
    for word in ("mem_1", "203.0.113.9", "Bearer", "cookie", "sid="):
        assert word not in everything, word
    assert not re.search(r"/(home|work|tmp|usr)/", everything)


def test_our_own_errors_bring_their_code_and_never_their_sentence(taken):
    try:
        raise Conflict(f"{HOLDER.full_name} is here already.", code="applicant_known")
    except Conflict:
        log.exception("%s was not stored", HOLDER.full_name)
    taken.until(lambda events: len(events) == 1)
    (event,) = taken.events()
    assert event["tags"]["code"] == "applicant_known"
    assert "logentry" not in event
    assert [word for word in known() if word in "\n".join(taken.raw)] == []


def test_what_is_no_error_is_not_reported(taken):
    log.warning("something_odd", extra={"token": TOKEN})
    log.info("request")
    error_reports.close()
    assert taken.raw == []


def test_without_the_setting_nothing_is_set_up(monkeypatch):
    monkeypatch.delenv("BACKOFFICE_SENTRY_DSN", raising=False)
    settings.cache_clear()
    error_reports.configure("web")
    assert not sentry_sdk.get_client().is_active()
    error_reports.close()


WRONG = ["errors.example", "https://errors.example/1", "https://key@errors.example/", "ftp://k@h/1"]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_address_stops_the_start_and_is_not_repeated(monkeypatch, wrong):
    monkeypatch.setenv("BACKOFFICE_SENTRY_DSN", wrong)
    settings.cache_clear()
    with pytest.raises(SettingsError, match="BACKOFFICE_SENTRY_DSN is not usable") as stopped:
        settings()
    assert wrong not in str(stopped.value)
    monkeypatch.undo()
    settings.cache_clear()


def test_a_report_that_nobody_foresaw_is_written_anew():
    odd = {
        "event_id": "1", "level": "error", "user": {"id": TOKEN}, "request": {"data": PASSWORD},
        "breadcrumbs": {"values": [{"message": TOKEN}]}, "contexts": {"x": {"y": TOKEN}}, "modules": {"x": TOKEN},
        "threads": {"values": [TOKEN]}, "debug_meta": TOKEN, "transaction": TOKEN, "fingerprint": [TOKEN],
        "message": f"{HOLDER.surname} broke it", "logger": f"a logger of {TOKEN}", "tags": {"a": TOKEN},
        "exception": {"values": [{"type": f"Odd {TOKEN}", "value": PASSWORD, "mechanism": {"data": TOKEN},
            "stacktrace": {"frames": [{"abs_path": "/srv/zq7/lib/site-packages/x/y.py", "function": f"f {TOKEN}",
                "vars": {"a": TOKEN}, "context_line": PASSWORD, "pre_context": [TOKEN], "lineno": 3}]}}]},
    }  # fmt: skip
    told = json.dumps(error_reports.scrubbed(odd, {}))
    assert [word for word in known() if word in told] == []
    assert "site-packages/x/y.py" in told
