"""Puts examples and refusals into the OpenAPI document, where the framework leaves them out or writes its own."""

from typing import Any

from pydantic import BaseModel

from backoffice.api.examples import CODES, SUCCESSES
from backoffice.api.examples.common import IDEMPOTENCY, REQUEST_ID
from backoffice.api.problems import MEDIA_TYPE, TITLES
from backoffice.api.v1.schemas import Problem

ANSWER_HEADERS: dict[str, Any] = {
    "X-Request-Id": {"description": "Name it when you ask us about a request.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "What is left, and the seconds until more.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {"description": "The quota and its window in seconds.", "schema": {"type": "string"}},
}


_SHAPES: dict[str, type[BaseModel]] = {}


def takes(model: type[BaseModel], example: object, *, is_required: bool = True, is_post: bool = True) -> dict[str, Any]:
    """Describe a JSON body that `json_body` reads, where the framework does not look."""
    if _SHAPES.setdefault(model.__name__, model) is not model:
        raise ValueError(f"Two bodies are called {model.__name__}; one would hide the other.")
    content = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}, "example": example}
    body = {"requestBody": {"required": is_required, "content": {"application/json": content}}}
    return body | (IDEMPOTENCY if is_post else {})


def add_shapes(schema: dict[str, Any], *more: type[BaseModel]) -> None:
    """Add the shapes of bodies and form fields."""
    known = schema["components"]["schemas"]
    for model in (*_SHAPES.values(), *more):
        described = model.model_json_schema(ref_template="#/components/schemas/{model}")
        known.update(described.pop("$defs", {}))
        known[model.__name__] = described


def problems(operation: str) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals of an operation, grouped by status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in dict.fromkeys(CODES[operation]):
        status, title = TITLES[code]
        answer = by_status.setdefault(
            status, {"model": Problem, "description": "", "content": {MEDIA_TYPE: {"examples": {}}}}
        )
        answer["description"] = (answer["description"] + f" `{code}`").strip()
        answer["content"][MEDIA_TYPE]["examples"][code] = {"summary": title, "value": _example(code, status, title)}
    return by_status


def _example(code: str, status: int, title: str) -> dict[str, Any]:
    return {
        "type": f"https://kyc.example/api/v1/docs#error-{code}",
        "title": title,
        "status": status,
        "detail": f"{title}.",
        "code": code,
        "request_id": REQUEST_ID,
        "errors": [],
    }


def complete(schema: dict[str, Any]) -> None:
    """Put the examples in, and take out what the framework would answer and we do not."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            for status in [status for status, answer in answers.items() if "HTTPValidationError" in str(answer)]:
                if MEDIA_TYPE not in answers[status]["content"]:
                    del answers[status]
            for answer in answers.values():
                if MEDIA_TYPE in answer.get("content", {}):
                    answer["content"].pop("application/json", None)
                    answer["content"][MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/Problem"}
                answer["headers"] = answer.get("headers", {}) | ANSWER_HEADERS
            if (path, method) in SUCCESSES:
                status, example = SUCCESSES[path, method]
                answers[status]["content"]["application/json"]["example"] = example
