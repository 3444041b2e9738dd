"""A check as partners get it, by the API and in an evidence pack: codes and numbers, never personal data."""

from backoffice.models.base import Prefix, public_id
from backoffice.models.documents import Check


def check_shape(check: Check) -> dict[str, object]:
    """Write a check without its sentence, which may hold what was read."""
    return {
        "id": public_id(Prefix.CHECK, check.id),
        "name": check.name,
        "status": check.status,
        "score": check.score,
        "threshold": check.threshold,
        "model": check.model,
        "reasons": check.reasons,
        "duration_ms": check.duration_ms,
    }
