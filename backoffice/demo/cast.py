"""The fixed cast: who is in the demo and in the tests."""

from dataclasses import dataclass

from backoffice.models.members import Role
from backoffice.models.partners import Plan


@dataclass(frozen=True, slots=True)
class CastPartner:
    """One partner of the cast."""

    slug: str
    name: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class CastMember:
    """One person of the cast; without a partner they are staff."""

    email: str
    name: str
    role: Role
    partner: str | None = None


PARTNERS = (
    CastPartner("acme", "Acme Bank", Plan.ENTERPRISE),
    CastPartner("rival", "Rival Pay", Plan.STANDARD),
    CastPartner("start", "Start Loans", Plan.FREE),
)
MEMBERS = (
    CastMember("amina@acme.example", "Amina Diallo", Role.PARTNER_ADMIN, "acme"),
    CastMember("dev@acme.example", "Tomás Ferreira", Role.PARTNER_DEVELOPER, "acme"),
    CastMember("analyst@acme.example", "Ingrid Solberg", Role.PARTNER_ANALYST, "acme"),
    CastMember("admin@rival.example", "Rosa Martín", Role.PARTNER_ADMIN, "rival"),
    CastMember("dev@rival.example", "Liam Novak", Role.PARTNER_DEVELOPER, "rival"),
    CastMember("sara@start.example", "Sara Lindqvist", Role.PARTNER_ADMIN, "start"),
    CastMember("joe@backoffice.example", "Joe Park", Role.REVIEWER),
    CastMember("kim@backoffice.example", "Kim Larsen", Role.REVIEWER),
    CastMember("lena@backoffice.example", "Lena Hoffmann", Role.REVIEW_LEAD),
    CastMember("omar@backoffice.example", "Omar Haddad", Role.OPERATOR),
    CastMember("ada@backoffice.example", "Ada Okafor", Role.AUDITOR),
)
