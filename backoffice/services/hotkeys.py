"""Hotkeys of one's own: whether single keys act, and which of them a person moved or switched off (WCAG 2.1.4)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import Invalid
from backoffice.services import members
from backoffice.services.access import Actor

MOST = 80
COMMAND = re.compile(r"[a-z][a-z0-9-]{0,39}")
KEY = re.compile(r"|(shift\+|alt\+)?[^\s\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Hotkeys:
    """One person's keys: by command the key that presses it, empty for none; what is not named is as shipped."""

    on: bool = True
    keys: Mapping[str, str] = field(default_factory=dict[str, str])


async def read(session: AsyncSession, actor: Actor) -> Hotkeys:
    """Read the actor's own keys."""
    kept = (await members.wishes_of(session, actor)).hotkeys
    return Hotkeys(bool(kept.get("on", True)), cast("dict[str, str]", kept.get("keys", {})))


async def keep(session: AsyncSession, actor: Actor, wanted: Mapping[str, Any]) -> Hotkeys:
    """Keep the actor's own keys for every browser they use.

    Raises Invalid for what is no command or no single key.
    """
    given = wanted.get("keys", {})
    if not isinstance(given, Mapping) or len(cast("Mapping[str, object]", given)) > MOST:
        raise Invalid(f"Name at most {MOST} keys.", code="invalid_value", pointer="/keys")
    keys = {str(command): str(key).lower() for command, key in cast("Mapping[object, object]", given).items()}
    for command, key in keys.items():
        if not (COMMAND.fullmatch(command) and KEY.fullmatch(key)):
            raise Invalid("A key is one letter, digit or sign, with Shift or without.", code="invalid_value")
    used = [key for key in keys.values() if key]
    if len(set(used)) != len(used):
        raise Invalid("Two commands cannot have the same key.", code="invalid_value", pointer="/keys")
    member, kept = await members.myself(session, actor), Hotkeys(wanted.get("on") is not False, keys)
    member.hotkeys = {"on": kept.on, "keys": dict(kept.keys)}
    await session.flush()
    return kept
