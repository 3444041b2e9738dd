"""Sentry, scrubbed: what broke and where, and nothing of anybody.

An allowlist, for what a library adds next year is in no list of what to take out: each report is written anew from the
kind of an error, its place in the code, our own codes and a few ids. Messages of errors, local variables, requests,
cookies, queries, breadcrumbs and users are never part of it.
"""

import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import PurePath
from typing import Any, cast

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

from backoffice.errors import BackofficeError
from backoffice.settings import settings

CLOSE_SECONDS = 2
CODE = re.compile(r"[a-z][a-z0-9_]{1,60}")
"""What our own log says: names of events, never sentences."""
NAME = re.compile(r"[A-Za-z_<][\w.<>]{0,120}")
FACTS = {
    "request_id": re.compile(r"req_[0-9a-z]{8,64}"),
    "error": NAME,
    "job": re.compile(r"[a-z_]+\.[a-z_]+"),
    "job_id": re.compile(r"\d{1,20}"),
    "attempt": re.compile(r"\d{1,4}"),
    "delivery_id": re.compile(r"[0-9a-f-]{36}"),
    "document_id": re.compile(r"[0-9a-f-]{36}"),
    "part": CODE,
}
"""What of a line of our log comes along, and how each must look."""
PACKAGES = ("backoffice", "site-packages")
"""A file is named from here on: what stands before it is of the machine."""
MOST_FRAMES = 60
Given = Mapping[str, Any]


def configure(process: str) -> None:
    """Report errors of this process from now on, where a setting says so; nothing is loaded or sent otherwise."""
    dsn = settings().sentry_dsn
    if dsn is None:
        return
    sentry_sdk.init(
        dsn=dsn.get_secret_value(),
        release=version("partner-backoffice"),
        environment="demo" if settings().demo else "production",
        server_name=process,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None, sentry_logs_level=None)],
        before_send=scrubbed,
        max_breadcrumbs=0,
        max_request_body_size="never",
        include_local_variables=False,
        include_source_context=False,
        send_client_reports=False,
        auto_session_tracking=False,
        propagate_traces=False,
        shutdown_timeout=CLOSE_SECONDS,
    )
    sentry_sdk.get_global_scope().set_tag("process", process)


def close() -> None:
    """Send what waits, for two seconds at most."""
    sentry_sdk.get_client().close(timeout=CLOSE_SECONDS)


def scrubbed(event: Event, hint: Hint) -> Event:
    """Write a report anew from what is allowed in it."""
    given, error = cast("Given", event), _error(hint)
    clean: dict[str, Any] = {
        name: given[name] for name in ("event_id", "timestamp", "level", "platform", "release", "environment")
        if name in given
    }  # fmt: skip
    clean["server_name"] = clean_name = _matching(NAME, given.get("server_name"))
    clean["tags"] = {"process": clean_name} | _facts(_inside(given.get("extra")))
    if isinstance(error, BackofficeError):
        clean["tags"]["code"] = _matching(CODE, error.code)
    if logger := _matching(NAME, given.get("logger")):
        clean["logger"] = logger
    message = _inside(given.get("logentry")).get("message") or given.get("message")
    if said := _matching(CODE, message):
        clean["logentry"] = {"message": said}
    if values := _each(_inside(given.get("exception")).get("values")):
        clean["exception"] = {"values": [_exception(one) for one in values]}
    return cast("Event", clean)


def _error(hint: Hint) -> BaseException | None:
    found: Any = _inside(hint).get("exc_info")
    return found[1] if found else None


def _inside(value: object) -> Given:
    """Read an object of a report; nothing where there is none."""
    return cast("Given", value) if isinstance(value, Mapping) else {}


def _each(value: object) -> list[Given]:
    """Read a list of objects of a report."""
    return [_inside(one) for one in cast("list[object]", value)] if isinstance(value, list) else []


def _matching(shape: re.Pattern[str], value: object) -> str:
    """Answer a value that looks as it must, else nothing."""
    return value if isinstance(value, str) and shape.fullmatch(value) else ""


def _facts(extra: Given) -> dict[str, str]:
    read = {name: _matching(shape, str(extra[name])) for name, shape in FACTS.items() if name in extra}
    return {name: value for name, value in read.items() if value}


def _exception(one: Given) -> dict[str, Any]:
    """Keep what kind of error it was and where, never what it says."""
    frames = _each(_inside(one.get("stacktrace")).get("frames"))
    return {
        "type": _matching(NAME, one.get("type")) or "Error",
        "module": _matching(NAME, one.get("module")),
        "value": "",
        "stacktrace": {"frames": [_frame(frame) for frame in frames[-MOST_FRAMES:]]},
    }


def _frame(frame: Given) -> dict[str, Any]:
    module = _matching(NAME, frame.get("module"))
    return {
        "filename": _file(str(frame.get("abs_path") or frame.get("filename") or "")),
        "module": module,
        "function": _matching(NAME, frame.get("function")),
        "lineno": frame.get("lineno") if isinstance(frame.get("lineno"), int) else None,
        "in_app": module.startswith("backoffice"),
    }


def _file(path: str) -> str:
    """Name a file from its package on."""
    parts = PurePath(path).parts
    start = max((place for place, part in enumerate(parts) if part in PACKAGES), default=len(parts) - 1)
    return "/".join(parts[start:]) if parts else ""
