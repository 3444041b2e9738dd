"""Writes one call in three languages, as a person would type it; tests run what is written here."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any, cast

from backoffice.api.portal.model import Code

KEY = "kyc_test_…"
"""Stands where a key belongs; the pages put a real one in its place."""
FILE = "passport.jpg"
EVENT_STREAM = "text/event-stream"
MAX_LINE = 72
PYTHON = {True: "True", False: "False", None: "None"}
SCRIPT = {True: "true", False: "false", None: "null"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request with example values."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    is_keyed: bool = True
    is_once: bool = False
    """Whether it takes an Idempotency-Key."""
    json: Any = None
    form: Mapping[str, Any] | None = None
    accepts: str = "application/json"

    @property
    def address(self) -> str:
        """The whole address."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.url}?{query}" if query else self.url

    @property
    def is_stream(self) -> bool:
        """Whether the answer goes on and on."""
        return self.accepts == EVENT_STREAM

    @property
    def is_file(self) -> bool:
        """Whether the answer is no JSON."""
        return not self.is_stream and not self.accepts.endswith("json")


def snippets(call: Call) -> tuple[Code, ...]:
    """Write the call in every language."""
    return (
        Code("bash", "curl", curl(call)),
        Code("python", "Python", python(call)),
        Code("javascript", "JavaScript", javascript(call)),
    )


def _files(form: Mapping[str, Any]) -> bool:
    return "files" in form


def _fields(form: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """List the form's other fields; a list of one is sent as its one value."""
    return [(name, _single(value)) for name, value in form.items() if name != "files"]


def _single(value: Any) -> Any:  # noqa: ANN401 any JSON value
    if isinstance(value, list):
        several = cast("list[Any]", value)
        return several[0] if len(several) == 1 else several
    return value


def curl(call: Call) -> str:
    """Write the call for a shell."""
    parts = [f"curl {shlex.quote(call.address)}" if not call.is_stream else f"curl -N {shlex.quote(call.address)}"]
    if call.method != "GET" and (call.method != "POST" or not (call.json or call.form)):
        parts[0] = parts[0].replace("curl ", f"curl -X {call.method} ", 1)
    if call.is_keyed:
        parts.append(f'-H "Authorization: Bearer {KEY}"')
    if call.is_once:
        parts.append('-H "Idempotency-Key: $(uuidgen)"')
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers.items()]
    if call.json is not None:
        parts += ['-H "Content-Type: application/json"', f"-d {shlex.quote(_json(call.json))}"]
    if call.form is not None:
        parts += [f"-F files=@{FILE}"] if _files(call.form) else []
        parts += [f"-F {shlex.quote(f'{name}={_text(value)}')}" for name, value in _fields(call.form)]
    if call.is_file:
        parts.append("-o file")
    return " \\\n  ".join(parts)


def python(call: Call) -> str:
    """Write the call for `requests`, which most know."""
    imports = ["json"] if any(isinstance(value, dict) for _, value in _fields(call.form or {})) else []
    imports += ["uuid"] if call.is_once else []
    lines = [*(f"import {name}" for name in imports), *([""] if imports else []), "import requests", ""]
    arguments = [f'"{call.url}"']
    headers = _headers(call, "str(uuid.uuid4())")
    arguments += [f"headers={{{', '.join(f'{_quoted(name)}: {value}' for name, value in headers)}}}"] if headers else []
    arguments += [f"params={_literal(PYTHON, dict(call.query))}"] if call.query else []
    arguments += [f"json={_literal(PYTHON, call.json)}"] if call.json is not None else []
    if call.form is not None:
        arguments += [f'files=[("files", ("{FILE}", picture, "image/jpeg"))]'] if _files(call.form) else []
        arguments += [f"data={_python_form(call.form)}"]
    arguments += ["stream=True", "timeout=(10, None)"] if call.is_stream else ["timeout=30"]
    inside = "".join(f"{indent(one, '    ')},\n" for one in arguments)
    request = f"answer = requests.{call.method.lower()}(\n{inside})"
    if call.form is not None and _files(call.form):
        request = f'with open("{FILE}", "rb") as picture:\n{indent(request, "    ")}'
    return "\n".join([*lines, request, "answer.raise_for_status()", *_python_end(call)])


def _python_end(call: Call) -> Sequence[str]:
    if call.is_stream:
        return ("for line in answer.iter_lines(decode_unicode=True):", "    print(line)")
    if call.is_file:
        return ('open("file", "wb").write(answer.content)',)
    return ("print(answer.json())",)


def _python_form(form: Mapping[str, Any]) -> str:
    rows = [f"    {_quoted(name)}: {_python_field(value)}," for name, value in _fields(form)]
    return "\n".join(["{", *rows, "}"])


def _python_field(value: Any) -> str:  # noqa: ANN401 any JSON value
    return f"json.dumps({_literal(PYTHON, value)})" if isinstance(value, dict) else _quoted(value)


def javascript(call: Call) -> str:
    """Write the call for fetch, as Node 20 or newer and Deno know it."""
    lines: list[str] = []
    body = ""
    if call.form is not None:
        lines += ['import { openAsBlob } from "node:fs";', ""] if _files(call.form) else []
        lines += ["const form = new FormData();"]
        if _files(call.form):
            blob = f'await openAsBlob("{FILE}", {{ type: "image/jpeg" }})'
            lines += [f'form.append("files", {blob}, "{FILE}");']
        lines += [f"form.append({_quoted(name)}, {_script_value(value)});" for name, value in _fields(call.form)]
        lines += [""]
        body = "form"
    if call.json is not None:
        body = f"JSON.stringify({_literal(SCRIPT, call.json)})"
    options = _script_options(call, body)
    lines += [f'const answer = await fetch("{call.address}"{options});']
    lines += ["if (!answer.ok) throw new Error((await answer.json()).detail);", *_script_end(call)]
    return "\n".join(lines)


def _script_end(call: Call) -> Sequence[str]:
    if call.is_stream:
        return (
            "for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {",
            "  console.log(chunk);",
            "}",
        )
    if call.is_file:
        return ("console.log((await answer.blob()).size);",)
    return ("console.log(await answer.json());",)


def _script_options(call: Call, body: str) -> str:
    headers = _headers(call, "crypto.randomUUID()")
    if call.json is not None:
        headers.append(("Content-Type", '"application/json"'))
    rows = [f'method: "{call.method}"'] if call.method != "GET" else []
    if headers:
        named = "".join(f"\n    {_script_name(name)}: {value}," for name, value in headers)
        rows.append(f"headers: {{{named}\n  }}")
    if body:
        rows.append(f"body: {indent(body, '  ').lstrip()}")
    inside = "".join(f"  {row},\n" for row in rows)
    return f", {{\n{inside}}}" if rows else ""


def _script_name(name: str) -> str:
    return name if name.isidentifier() else _quoted(name)


def _script_value(value: Any) -> str:  # noqa: ANN401 any JSON value
    return f"JSON.stringify({json.dumps(value, ensure_ascii=False)})" if isinstance(value, dict) else _quoted(value)


def _headers(call: Call, once: str) -> list[tuple[str, str]]:
    """List the headers as (name, expression); the way to write a text is the same in both languages."""
    headers = [("Authorization", f'"Bearer {KEY}"')] if call.is_keyed else []
    headers += [("Idempotency-Key", once)] if call.is_once else []
    return headers + [(name, _quoted(value)) for name, value in call.headers.items()]


def _quoted(value: Any) -> str:  # noqa: ANN401 any JSON value
    return json.dumps(_text(value), ensure_ascii=False)


def _text(value: Any) -> str:  # noqa: ANN401 any JSON value
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:  # noqa: ANN401 any JSON value
    return json.dumps(value, ensure_ascii=False)


def _literal(words: Mapping[Any, str], value: Any, step: str = "    ") -> str:  # noqa: ANN401 any JSON value
    """Write a value in a language that has its own words for true, false and null; long ones on several lines."""
    if value is None or isinstance(value, bool):
        return words[value]
    if not isinstance(value, dict | list):
        return _json(value)
    rows = _rows(words, value, step)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    short = opening + ", ".join(rows) + closing
    if len(short) <= MAX_LINE and "\n" not in short:
        return short
    inside = "".join(f"{indent(row, step)},\n" for row in rows)
    return f"{opening}\n{inside}{closing}"


def _rows(words: Mapping[Any, str], value: Any, step: str) -> list[str]:  # noqa: ANN401 any JSON value
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return [f"{json.dumps(name)}: {_literal(words, one, step)}" for name, one in pairs]
    return [_literal(words, one, step) for one in cast("list[Any]", value)]
