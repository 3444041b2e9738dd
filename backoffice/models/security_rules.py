"""The rules that find attacks and misuse: what each counts, from where it speaks, and what to do then.

Services judge by them, screens and letters describe them, and docs/security-alerts.md repeats their defaults.
"""

from dataclasses import dataclass
from datetime import timedelta

from backoffice.models.alerts import Severity
from backoffice.models.security_facts import SecurityKind


@dataclass(frozen=True, slots=True)
class Counts:
    """From where a rule speaks, and over how long it counts."""

    threshold: int
    minutes: int
    is_on: bool = True
    version: int = 0
    """0 until somebody changed it."""

    @property
    def window(self) -> timedelta:
        """Over how long it counts."""
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for."""

    kind: SecurityKind
    label: str
    about: str
    """With {count} and {minutes}."""
    advice: str
    severity: Severity
    counts: Counts
    is_distinct: bool = False
    """Whether different things are counted, and the same one once."""
    is_partners: bool = True
    """Whether a partner's people hear of what is about them."""

    def describe(self, counts: Counts) -> str:
        """Say when it speaks."""
        return self.about.format(count=f"{counts.threshold:,}", minutes=f"{counts.minutes:,}")


K = SecurityKind
RULES: dict[SecurityKind, Rule] = {
    one.kind: one
    for one in (
        Rule(
            K.CREDENTIAL_STUFFING, "Credential stuffing",
            "Sign-ins to {count} different accounts failed from one network within {minutes} minutes.",
            "Somebody tries passwords from elsewhere. Shut the network out at your proxy; see in the entries whether "
            "one of the accounts was then signed in to, end its sessions and send it a new password.",
            Severity.CRITICAL, Counts(10, 15), is_distinct=True, is_partners=False,
        ),
        Rule(
            K.ACCOUNT_ATTACKED, "Account under attack",
            "Sign-ins to one account failed {count} times within {minutes} minutes.",
            "The account is locked for half an hour from where it failed. Ask its person whether it was they; if not, "
            "let them set up a passkey, and look whether a sign-in followed the failures.",
            Severity.WARNING, Counts(15, 15),
        ),
        Rule(
            K.KEY_NEW_NETWORK, "API key from a new network",
            "An API key that is in use for a day or longer came from new networks within {minutes} minutes: {count} or "
            "more.",
            "Ask the partner whether its servers moved. If not, the key is in other hands: revoke it, and let them "
            "bind the next one to their networks.",
            Severity.WARNING, Counts(1, 60), is_distinct=True,
        ),
        Rule(
            K.MASS_REVEAL, "Mass reveal of personal data",
            "One person showed the personal data of {count} documents within {minutes} minutes.",
            "See what purposes they gave. If it is not their work, sign them out and disable the account; what was "
            "shown may have to be reported (GDPR article 33: within 72 hours).",
            Severity.CRITICAL, Counts(30, 60), is_distinct=True,
        ),
        Rule(
            K.EXPORT_SPIKE, "Export spike",
            "One person asked for {count} exports within {minutes} minutes.",
            "See which lists, and whether they were fetched. If it is not their work, stop the exports, sign them out "
            "and disable the account.",
            Severity.WARNING, Counts(10, 60),
        ),
        Rule(
            K.GUARD_DENIALS, "Burst of refusals",
            "Pages, events or the API refused one person or key within {minutes} minutes: {count} times or more.",
            "Somebody tries what they may not, or a program lacks a right. See what was asked for; sign the person "
            "out or revoke the key if nobody can explain it.",
            Severity.WARNING, Counts(20, 10),
        ),
        Rule(
            K.ERASURE_BURST, "Burst of erasures",
            "{count} people of one partner were to be erased within {minutes} minutes.",
            "Erasure cannot be undone. Ask the partner; a legal hold on the partner stops what has not begun.",
            Severity.CRITICAL, Counts(25, 60), is_distinct=True,
        ),
    )
}  # fmt: skip
MOST_THRESHOLD = 10_000
MOST_MINUTES = 1_440
