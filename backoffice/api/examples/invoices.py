"""Examples of invoices, and what their operations refuse."""

from typing import Any

from backoffice.api.examples.common import COMMON, ID, QUERY

PERIOD = {"starts_at": "2026-11-01T00:00:00.000Z", "ends_at": "2026-12-01T00:00:00.000Z"}
USED: dict[str, Any] = {
    "kind": "document_screened",
    "plan": "standard",
    "starts_at": "2026-11-01T00:00:00.000Z",
    "ends_at": "2026-12-01T00:00:00.000Z",
}
INVOICE: dict[str, Any] = {
    "id": f"inv_{ID}",
    "object": "invoice",
    "livemode": True,
    "number": "202611-ACME",
    "month": "2026-11",
    "period": PERIOD,
    "status": "finalized",
    "provisional": False,
    "currency": "EUR",
    "plan": "standard",
    "total": 32_700,
    "lines": [
        {
            **USED, "position": 1, "kind": "plan_fee", "description": "Plan Standard", "quantity": 1,
            "unit_price": "14900", "amount": 14_900, "tier_from": None, "tier_to": None,
        },
        {
            **USED, "position": 2, "description": "Documents screened, 1 to 100", "quantity": 100, "unit_price": "0",
            "amount": 0, "tier_from": 1, "tier_to": 100,
        },
        {
            **USED, "position": 3, "description": "Documents screened, 101 to 1,000", "quantity": 400,
            "unit_price": "44.5", "amount": 17_800, "tier_from": 101, "tier_to": 1_000,
        },
    ],
    "finalized_at": "2026-12-01T02:00:00.000Z",
}  # fmt: skip
CODES: dict[str, tuple[str, ...]] = {
    "invoices.list": (*COMMON, *QUERY, "invalid_cursor", "out_of_range"),
    "invoices.read": (*COMMON, "not_found", "unknown_field"),
    "invoices.pdf": (*COMMON, "not_found", "unknown_field"),
}
"""The codes that each operation can answer."""
SUCCESSES: dict[tuple[str, str], tuple[str, object]] = {
    ("/invoices", "get"): ("200", {"data": [INVOICE], "next_cursor": None, "has_more": False}),
    ("/invoices/{invoice_id}", "get"): ("200", INVOICE),
}
