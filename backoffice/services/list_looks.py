"""How a list looks to one person: which columns are hidden and how high its rows are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import Invalid
from backoffice.services import members
from backoffice.services.access import Actor


class Density(StrEnum):
    """How high rows are."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"


HIDEABLE: Mapping[str, tuple[str, ...]] = {
    "documents": ("reference", "id", "tags", "attempt", "received", "due"),
}
"""The columns that a person may do without, by list; the others name the row and say where it stands."""


@dataclass(frozen=True, slots=True)
class Looks:
    """One list as one person wants it."""

    hidden: tuple[str, ...] = ()
    density: Density = Density.COMFORTABLE


async def read(session: AsyncSession, actor: Actor, list_: str) -> Looks:
    """Read how the actor wants a list; what is not known any more is left out."""
    kept = (await members.wishes_of(session, actor)).list_looks.get(list_, {})
    if not isinstance(kept, Mapping):
        return Looks()
    looks = cast("Mapping[str, object]", kept)
    hidden = looks.get("hidden", ())
    names = cast("list[str]", hidden) if isinstance(hidden, list) else []
    density = Density(str(looks["density"])) if looks.get("density") in set(Density) else Density.COMFORTABLE
    return Looks(tuple(name for name in HIDEABLE[list_] if name in names), density)


async def keep(session: AsyncSession, actor: Actor, list_: str, hidden: Iterable[str], density: str) -> Looks:
    """Keep how the actor wants a list, for every browser they use.

    Raises Invalid for a list, a column or a height that there is not.
    """
    names = tuple(dict.fromkeys(hidden))
    if list_ not in HIDEABLE or not set(names) <= set(HIDEABLE[list_]) or density not in set(Density):
        raise Invalid("There is no such column, or no such height.", code="invalid_value")
    member = await members.myself(session, actor)
    member.list_looks = {**member.list_looks, list_: {"hidden": list(names), "density": density}}
    await session.flush()
    return Looks(names, Density(density))
