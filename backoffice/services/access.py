"""Who acts, and what they may do: every service takes an Actor and asks it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from backoffice.clock import now
from backoffice.db import Tenancy
from backoffice.errors import NotAllowed, NotFound, StepUpRequired
from backoffice.models.members import PARTNER_ROLES, Member, Role
from backoffice.models.viewings import NOTHING_CHANGES
from backoffice.services.permissions import GRANTED_BY, LOOKING, Permission, permissions_of, role_names
from backoffice.settings import settings


class ActorType(StrEnum):
    """What kind of thing acts."""

    MEMBER = "member"
    API_KEY = "api_key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, from where, and with which rights."""

    type: ActorType
    id: UUID | None
    name: str
    permissions: frozenset[Permission]
    partner_id: UUID | None = None
    role: Role | None = None
    role_name: str = ""
    """Set for who has a role of their company's own: then `permissions` are that one's, and `role` the least."""
    livemode: bool | None = None
    """Set for API keys: they see one mode only."""
    denied_attributes: frozenset[str] = frozenset()
    """Names of personal data that this API key never reads."""
    session_id: UUID | None = None
    mark: str = ""
    """Under which of its session's secrets they came (services/sessions.py)."""
    confirmed_at: datetime | None = None
    """When the person behind the session last proved who they are."""
    ip: str = ""
    request_id: str = ""
    viewing_id: UUID | None = None
    """Set for an operator who looks at a partner's workspace: this one reads, and its transactions write nothing."""
    _is_everyone: bool = field(default=False, repr=False)

    @classmethod
    def member(  # noqa: PLR0913 a session knows all of these
        cls,
        *,
        id: UUID,  # noqa: A002 the field's name
        name: str,
        role: Role,
        partner_id: UUID | None,
        granted: Iterable[str] | None = None,
        role_name: str = "",
        session_id: UUID | None = None,
        confirmed_at: datetime | None = None,
        ip: str = "",
        request_id: str = "",
    ) -> "Actor":
        """Make the actor of a person: staff see every partner, partners' members their own."""
        return cls(
            type=ActorType.MEMBER,
            id=id,
            name=name,
            role=role,
            role_name=role_name,
            partner_id=partner_id,
            permissions=permissions_of(role, granted),
            session_id=session_id,
            confirmed_at=confirmed_at,
            ip=ip,
            request_id=request_id,
            _is_everyone=role not in PARTNER_ROLES,
        )

    @classmethod
    def of(
        cls,
        row: Member,
        *,
        session_id: UUID | None = None,
        confirmed_at: datetime | None = None,
        ip: str = "",
        request_id: str = "",
    ) -> "Actor":
        """Make the actor of a member as their row says now, with what a role of their company's own grants."""
        return cls.member(
            id=row.id,
            name=row.name,
            role=Role(row.role),
            partner_id=row.partner_id,
            granted=row.granted if row.custom_role_id else None,
            role_name=row.role_name,
            session_id=session_id,
            confirmed_at=confirmed_at,
            ip=ip,
            request_id=request_id,
        )

    @classmethod
    def system(
        cls, partner_id: UUID | None = None, *, name: str = "system", ip: str = "", request_id: str = ""
    ) -> "Actor":
        """Make the actor of a job or a command; with a partner it sees that partner only."""
        return cls(
            type=ActorType.SYSTEM,
            id=None,
            name=name,
            permissions=frozenset(Permission),
            partner_id=partner_id,
            ip=ip,
            request_id=request_id,
            _is_everyone=partner_id is None,
        )

    @property
    def is_staff(self) -> bool:
        """Whether this actor works for us and not for a partner."""
        return self._is_everyone

    @property
    def tenancy(self) -> Tenancy:
        """Whose rows a transaction for this actor may see.

        Raises NotAllowed for an actor that belongs nowhere.
        """
        if self._is_everyone:
            return Tenancy.everyone()
        if self.partner_id is None:
            message = "This account belongs to no partner."
            raise NotAllowed(message)
        return Tenancy.of(self.partner_id, is_read_only=self.is_looking)

    @property
    def is_looking(self) -> bool:
        """Whether this is one of our people who looks at a partner's workspace."""
        return self.viewing_id is not None

    def looking(self, partner_id: UUID, viewing_id: UUID) -> "Actor":
        """Look at a partner's workspace: see this partner alone, as it sees itself, and change nothing.

        Raises NotAllowed for who may not.
        """
        self.require(Permission.WORKSPACES_LOOK)
        return replace(self.within(partner_id), permissions=LOOKING, viewing_id=viewing_id)

    @property
    def witness(self) -> "Actor":
        """Who looks, as the trail of the company they look at writes down what they did."""
        return replace(self, permissions=frozenset[Permission](), viewing_id=None)

    def can(self, permission: Permission) -> bool:
        """Answer whether this actor has a permission."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Stop here unless the actor has the permission.

        Raises NotAllowed, which names the permission and the roles that grant it.
        """
        if permission in self.permissions:
            return
        if self.is_looking:
            raise NotAllowed(NOTHING_CHANGES, code="read_only")
        if self.type == ActorType.API_KEY:
            message = f"This API key lacks the scope {permission}. Create a key with that scope."
            raise NotAllowed(message, code="insufficient_scope")
        roles = role_names(GRANTED_BY[permission])
        message = f"You need the permission {permission}. It comes with the role: {roles}."
        raise NotAllowed(message, code="missing_permission")

    @property
    def is_fresh(self) -> bool:
        """Whether who sits at a browser has proved lately who they are; keys, jobs and commands sit at none."""
        if self.session_id is None:
            return True
        lasts = timedelta(minutes=settings().step_up_minutes)
        return self.confirmed_at is not None and now() - self.confirmed_at < lasts

    def require_fresh(self) -> None:
        """Stop a dangerous act here unless its person has proved lately who they are.

        Raises StepUpRequired, which screens answer by asking for a proof.
        """
        if not self.is_fresh:
            raise StepUpRequired("Confirm that it is you, then do this again.")

    def require_partner(self) -> UUID:
        """Answer the one partner this actor works for.

        Raises NotAllowed for staff, who belong to none.
        """
        if self.partner_id is None:
            message = "This is a page of a partner. Sign in as a member of one."
            raise NotAllowed(message, code="no_partner")
        return self.partner_id

    def within(self, partner_id: UUID) -> "Actor":
        """Look at one partner only, with one's own name and rights, as staff do who open its page.

        Raises NotFound for a partner that is not this actor's to see.
        """
        if not self.owns(partner_id):
            found(None, "partner")
        return replace(self, partner_id=partner_id, _is_everyone=False)

    def owns(self, partner_id: UUID, *, livemode: bool | None = None) -> bool:
        """Answer whether a row is this actor's to see; the database's policy says the same."""
        if livemode is not None and self.livemode is not None and livemode != self.livemode:
            return False
        return self._is_everyone or partner_id == self.partner_id


T = TypeVar("T")


def found(row: T | None, what: str) -> T:
    """Answer the row, or say that there is none; another partner's row never got this far.

    Raises NotFound.
    """
    if row is None:
        message = f"There is no {what} with this id."
        raise NotFound(message)
    return row
