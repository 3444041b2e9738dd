"""Custom roles: what a partner's administrators call a set of permissions, and who of their people may do that.

`members.granted` and `members.role_name` are copies that the database keeps (migration `custom_roles`), so that whoever
reads a member, as every event of a page does, knows what they may do without a second look.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from backoffice.models.base import TenantRow, tenant_unique, text_array, timestamp
from backoffice.models.members import Role

BASE_ROLE = Role.PARTNER_ANALYST
"""What the row of somebody with a custom role says beside it: the least, should anything look at that alone."""
MOST_ROLES = 50
"""Custom roles of one partner."""
LONGEST_NAME = 60


class CustomRole(TenantRow, table=True):
    """One role of one partner's own."""

    __tablename__ = "custom_roles"
    __table_args__ = (
        tenant_unique(),
        CheckConstraint("cardinality(permissions) > 0", name="permissions_not_empty"),
        CheckConstraint("not ('members:write' = any (permissions))", name="never_members_write"),
        Index("uq_custom_roles_name", "partner_id", text("lower(name)"), unique=True),
    )

    name: str
    permissions: list[str] = text_array()
    version: int = 1
    created_by: UUID | None = None
    """No foreign key: a member points at their role, and two tables that point at each other block each other."""
    updated_at: datetime = timestamp(default_now=True)


@dataclass(frozen=True, slots=True)
class RoleInUse:
    """One custom role and how many have it, or are invited to it."""

    id: UUID
    name: str
    permissions: tuple[str, ...]
    version: int
    people: int
    invited: int
