"""Signatures by which a receiver knows that a webhook is ours and fresh (Standard Webhooks 1.0)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime


def headers(event_id: str, sent_at: datetime, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """Write the three headers: the id stays the same over retries, every live key signs."""
    timestamp = str(int(sent_at.timestamp()))
    signed = b".".join((event_id.encode(), timestamp.encode(), body))
    marks = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }
