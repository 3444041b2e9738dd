"""What was found of a signature that a receiver refuses, as the dialog shows it."""

from dataclasses import dataclass, field

from backoffice.models.signature_findings import SignatureFindings


@dataclass(frozen=True)
class StepView:
    """One thing that was looked at."""

    name: str
    is_good: bool
    words: str


@dataclass(frozen=True)
class SignatureView:
    """The steps, and what stands around the first byte that differs; without a difference all three are empty."""

    is_right: bool = False
    steps: list[StepView] = field(default_factory=list)
    has_difference: bool = False
    same: str = ""
    sent: str = ""
    got: str = ""


def signature_view(found: SignatureFindings) -> SignatureView:
    """Show the findings."""
    steps = [StepView(step.name, step.is_good, step.words) for step in found.steps]
    if found.difference is None:
        return SignatureView(found.is_right, steps)
    around = found.difference
    return SignatureView(found.is_right, steps, True, around.same, around.sent, around.got)
