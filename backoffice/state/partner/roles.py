"""The roles of a company, ours and its own: what each may do, and the questions before one is made, changed or gone."""

from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Conflict, NotFound, StepUpRequired
from backoffice.i18n import gettext
from backoffice.models.custom_roles import BASE_ROLE
from backoffice.models.members import PARTNER_ROLES, Role
from backoffice.services import colleagues, custom_role_changes, custom_roles, members
from backoffice.services.access import Actor, Permission
from backoffice.services.permissions import GIVEABLE, NEEDS, asks_second_factor
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.session import signed_in
from backoffice.viewmodels.custom_roles import (
    Family,
    OwnRoleRow,
    RoleDiff,
    built_in_rows,
    counted,
    families,
    own_role_row,
    role_diff,
)

NEW = OwnRoleRow()


class CustomRolesState(rx.State):
    """One tab's list of roles, and the checklist of the one that is open."""

    built_in: rx.Field[list[OwnRoleRow]] = rx.field(default_factory=list)
    rows: rx.Field[list[OwnRoleRow]] = rx.field(default_factory=list)
    is_loaded: bool = False
    asking: str = ""
    """edit or delete while its dialog is open."""
    one: OwnRoleRow = NEW
    """Which role is asked about; one without an id is new."""
    checklist: rx.Field[list[Family]] = rx.field(default_factory=list)
    diff: RoleDiff = RoleDiff()
    to: str = ""
    """What people become whose role is deleted."""
    error: str = ""
    error_field: str = ""
    _chosen: frozenset[str] = frozenset()

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def open(self) -> None:
        """List the roles, and hear of every change from then on."""
        actor = await signed_in(self)
        await watch(self, members.topic(actor.require_partner()), on_change=CustomRolesState.refresh)
        self._forget()
        await self._read(actor)

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def refresh(self) -> None:
        """Read again: a role, or who has it, was changed."""
        if not await has_left(self):
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.MEMBERS_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self._forget()

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def begin(self) -> None:
        """Open the checklist for a new role."""
        self._forget()
        self.asking = "edit"
        self._show()

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def ask(self, question: str, role_id: str) -> None:
        """Open one of the questions about one role."""
        row = next((row for row in self.rows if row.id == role_id), NEW)
        self._forget()
        if question not in {"edit", "delete"} or not row.id:
            return
        self.one, self.asking, self._chosen = row, question, frozenset(row.permissions)
        self._show()

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def tick(self, permission: str, wanted: bool) -> None:
        """Choose a permission with all that it needs, or leave it out with all that need it."""
        if self.asking != "edit" or permission not in GIVEABLE:
            return
        if wanted:
            self._chosen |= {permission} | set(map(str, NEEDS.get(Permission(permission), ())))
        else:
            self._chosen -= {permission} | {str(one) for one, needs in NEEDS.items() if permission in needs}
        self._show()

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def save(self, form: dict[str, str | bool]) -> rx.event.EventType[()]:
        """Make the role, or change it; what is wrong is said beside its field."""
        actor, row, name = await signed_in(self), self.one, str(form.get("role_name", ""))
        self.error = self.error_field = ""
        wanted = {"name": name, "permissions": self._chosen}
        try:
            async with transaction(actor.tenancy) as session:
                if row.id:
                    key = _key(row.id)
                    saved = await custom_role_changes.change(session, actor, key, version=row.version, **wanted)
                else:
                    saved = await custom_role_changes.create(session, actor, **wanted)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return await self._done(actor, gettext("{name} is saved.", name=saved.name))

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def choose(self, role: str) -> None:
        """Say what people become whose role goes."""
        self.to = role if role in PARTNER_ROLES and self.asking == "delete" else ""

    @rx.event
    @requires(Permission.MEMBERS_WRITE)
    async def delete(self) -> rx.event.EventType[()]:
        """Delete the role; whoever has it becomes what was chosen."""
        actor, row = await signed_in(self), self.one
        to = Role(self.to) if self.to in PARTNER_ROLES else None
        try:
            async with transaction(actor.tenancy) as session:
                await custom_role_changes.delete(session, actor, _key(row.id), version=row.version, to=to)
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._refused(error)
        return await self._done(actor, gettext("{name} is deleted.", name=row.name))

    async def _done(self, actor: Actor, words: str) -> rx.event.EventType[()]:
        self._forget()
        await self._read(actor)
        return notice(words)

    def _refused(self, error: BackofficeError) -> rx.event.EventType[()]:
        """Say in the open dialog why not; what has moved on or is gone closes it."""
        if isinstance(error, Conflict | NotFound) and not error.pointer:
            self._forget()
            return [CustomRolesState.refresh, alarm(str(error))]
        self.error, self.error_field = str(error), (error.pointer or "").strip("/")
        return []

    def _show(self) -> None:
        enrols = asks_second_factor(BASE_ROLE, self._chosen) and not asks_second_factor(BASE_ROLE, self.one.permissions)
        self.checklist = families(GIVEABLE, self._chosen)
        self.diff = role_diff(self.one, self._chosen, enrols=enrols)

    def _forget(self) -> None:
        self.asking = self.error = self.error_field = self.to = ""
        self.one, self.checklist, self.diff, self._chosen = NEW, [], RoleDiff(), frozenset()

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            found = await custom_roles.listed(session, actor)
            people = [one.role for one in await colleagues.people(session, actor) if not one.is_removed]
        self.built_in, self.rows = built_in_rows(counted(people)), [own_role_row(one) for one in found]
        self.is_loaded = True


def _key(role_id: str) -> UUID:
    try:
        return UUID(role_id)
    except ValueError:
        raise NotFound("There is no role of your company with this id.") from None
