"""Rows: what an actor may see, said again in every statement although the database's policy holds it."""

from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from backoffice.services.access import Actor


class Owned(Protocol):
    """A row of one partner in one mode."""

    id: UUID
    partner_id: UUID
    livemode: bool


Own = TypeVar("Own", bound=Owned)


def visible(actor: Actor, model: type[Own]) -> Select[Own]:
    """Select the rows of the actor's partner, and keep keys to their own mode; staff see every partner's."""
    statement = select(model)
    if not actor.is_staff:
        statement = statement.where(col(model.partner_id) == actor.partner_id)
    if actor.livemode is not None:
        statement = statement.where(col(model.livemode) == actor.livemode)
    return statement
