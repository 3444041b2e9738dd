"""What is looked for in the audit trail, and how a partner's alerts hear of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class SecurityKind(StrEnum):
    """What is looked for."""

    ACCOUNT_ATTACKED = "account_attacked"
    CREDENTIAL_STUFFING = "credential_stuffing"
    KEY_NEW_NETWORK = "key_new_network"
    MASS_REVEAL = "mass_reveal"
    EXPORT_SPIKE = "export_spike"
    GUARD_DENIALS = "guard_denials"
    ERASURE_BURST = "erasure_burst"


@dataclass(frozen=True, slots=True)
class SecurityFact:
    """An alert about a partner's own people, keys or data, as the rules of the partner's alerts look at it."""

    id: UUID
    kind: SecurityKind
    affected: int
    at: datetime
