"""What masking makes of a screening: values without hidden digits, the sentence that says so, and what is withheld."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from backoffice.screening import masking_rules
from backoffice.screening.masking import Masked
from backoffice.screening.masking_rules import Rule
from backoffice.screening.types import Declared, Extracted, Finding, Screening, SourceFile

NONE, UNKNOWN = "none", "unknown"
TOLD_BY = "file_safety"
"""The check that says what became of the file."""
_COVERED = "No whole number was found on it, so whole pages are covered: ask for a better picture."
_WITHHELD = (
    "Its pictures are kept back: it may show a number that must be covered ({}), and it could not be read to cover it."
)


def masked(screening: Screening, files: Sequence[SourceFile], done: Masked) -> Screening:
    """Take over the masked files, and mask what was read of the numbers."""
    told = f"{done.rule.why} {'' if done.is_found else _COVERED}".strip()
    hidden = {file.file_index for file in done.files}
    return replace(
        screening,
        findings=tuple(_told(_clean(finding, done.rule), told) for finding in screening.findings),
        challenges=tuple(_clean(finding, done.rule) for finding in screening.challenges),
        extracted=tuple(_value(one, done.rule) for one in screening.extracted),
        masking=tuple(done.rule.name if index in hidden else NONE for index in range(len(files))),
        masked=done.files,
        hidden_number=done.number,
    )


def withheld(screening: Screening, files: Sequence[SourceFile], rule: Rule) -> Screening:
    """Keep the pictures of a document back that may be under a rule and could not be read."""
    told = _WITHHELD.format(rule.title)
    findings = tuple(_told(finding, told) for finding in screening.findings)
    return replace(screening, findings=findings, derivatives=(), masking=(UNKNOWN,) * len(files))


def unopened(screening: Screening, troubled: Collection[int], declared: Declared) -> Screening:
    """Say of files that did not open that nobody knows what they show."""
    if not troubled or masking_rules.may_concern(declared.issuing_country, declared.type) is None:
        return screening
    found = (UNKNOWN if index in troubled else one for index, one in enumerate(screening.masking))
    return replace(screening, masking=tuple(found))


def _told(finding: Finding, sentence: str) -> Finding:
    return replace(finding, summary=f"{finding.summary} {sentence}") if finding.name == TOLD_BY else finding


def _clean(finding: Finding, rule: Rule) -> Finding:
    return replace(finding, summary=masking_rules.without_numbers(finding.summary, rule))


def _value(one: Extracted, rule: Rule) -> Extracted:
    return replace(one, value=masking_rules.masked_value(one.name, one.value, rule))
