"""Examples of the API request log, and what its operations refuse."""

from backoffice.api.examples.common import COMMON, ID, QUERY, REQUEST_ID

LINE: dict[str, object] = {
    "id": f"log_{ID}",
    "object": "api_request",
    "livemode": True,
    "key_id": f"key_{ID}",
    "method": "POST",
    "route": "/documents",
    "path": "/api/v1/documents",
    "status": 422,
    "code": "invalid_country",
    "errors": [{"pointer": "/issuing_country", "code": "invalid_country"}],
    "duration_ms": 12.4,
    "ip": "203.0.113.9",
    "request_id": REQUEST_ID,
    "request_bytes": 214_760,
    "is_replay": False,
    "created_at": "2026-11-23T10:00:00.000Z",
}
CODES: dict[str, tuple[str, ...]] = {
    "requests.list": (
        *COMMON,
        *QUERY,
        "not_found",
        "invalid_choice",
        "invalid_cursor",
        "invalid_date",
        "out_of_range",
    ),
    "requests.read": (*COMMON, "not_found", "unknown_field"),
}
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/requests", "get"): ("200", {"data": [LINE], "next_cursor": f"log_{ID}", "has_more": True}),
    ("/requests/{log_id}", "get"): ("200", LINE),
}
