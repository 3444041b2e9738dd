"""One number from 0 to 1 for sorting queues; it decides nothing."""

from collections.abc import Iterable
from dataclasses import replace

from backoffice.screening.types import CHECK_NAMES, Finding, Screening

_WEIGHTS = {"failed": 0.45, "error": 0.25, "warning": 0.12}
_NAME_WEIGHTS = {"image_quality": 0.5, "text": 0.5, "classification": 0.7}


def risk(findings: Iterable[Finding]) -> float:
    """Combine findings to one number."""
    calm = 1.0
    for finding in findings:
        calm *= _calm(finding)
    return round(1 - calm, 3)


def joined(screening: Screening, finding: Finding) -> Screening:
    """Add one more check to a screening, at its place in the order of checks and with its share of the risk."""
    places = {name: place for place, name in enumerate(CHECK_NAMES)}
    findings = sorted((*screening.findings, finding), key=lambda one: places.get(one.name, len(places)))
    risk_score = round(1 - (1 - screening.risk_score) * _calm(finding), 3)
    return replace(screening, findings=tuple(findings), risk_score=risk_score)


def _calm(finding: Finding) -> float:
    return 1 - _WEIGHTS.get(finding.status, 0.0) * _NAME_WEIGHTS.get(finding.name, 1.0)
