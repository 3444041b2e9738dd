"""Examples of usage and quota, and what their operations refuse."""

from backoffice.api.examples.common import COMMON, QUERY

QUOTA: dict[str, object] = {
    "object": "quota",
    "livemode": True,
    "plan": "standard",
    "period": {"starts_at": "2026-11-01T00:00:00.000Z", "ends_at": "2026-12-01T00:00:00.000Z"},
    "documents": {
        "included": 10_000,
        "used": 8_120,
        "remaining": 1_880,
        "resets_at": "2026-12-01T00:00:00.000Z",
    },
    "requests": [
        {"name": "burst", "quota": 100, "seconds": 2, "counts": "all"},
        {"name": "daily", "quota": 200_000, "seconds": 86_400, "counts": "all"},
        {"name": "write", "quota": 100, "seconds": 2, "counts": "writes"},
        {"name": "partner", "quota": 400, "seconds": 2, "counts": "all"},
        {"name": "partner-daily", "quota": 800_000, "seconds": 86_400, "counts": "all"},
        {"name": "partner-write", "quota": 400, "seconds": 2, "counts": "writes"},
    ],
}
USAGE: dict[str, object] = {
    "object": "usage",
    "livemode": True,
    "from": "2026-11-22",
    "to": "2026-11-23",
    "months": [{"month": "2026-11", "documents": 8_120}],
    "days": [{"date": "2026-11-22", "documents": 371}, {"date": "2026-11-23", "documents": 402}],
}
RECORDS: dict[str, object] = {
    "data": [
        {
            "id": "usg_01k9x3h7c2f4v8m6n0p1q5r7s9",
            "object": "usage_record",
            "livemode": True,
            "kind": "document_screened",
            "document_id": "doc_01k9x3h7c2f4v8m6n0p1q5r7s9",
            "document_type": "passport",
            "key_id": "key_01k9x3h7c2f4v8m6n0p1q5r7s9",
            "created_at": "2026-11-23T10:15:02.113Z",
        }
    ],
    "next_cursor": None,
    "has_more": False,
}
CODES: dict[str, tuple[str, ...]] = {
    "usage_records.list": (
        *COMMON,
        *QUERY,
        "not_found",
        "invalid_choice",
        "invalid_cursor",
        "invalid_date",
        "out_of_range",
    ),
    "usage.quota": (*COMMON, "unknown_field"),
    "usage.read": (*COMMON, "unknown_field", "invalid_date", "out_of_range", "invalid_value", "invalid_type"),
}
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/quota", "get"): ("200", QUOTA),
    ("/usage", "get"): ("200", USAGE),
    ("/usage_records", "get"): ("200", RECORDS),
}
