"""The gate's own rules: every handler says who may call it, every var is safe to send."""

import dataclasses
import types
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from reflex_base.vars.base import Field

from backoffice.models.members import Role
from backoffice.services.access import Actor, Permission
from backoffice.services.audiences import PUBLIC, SIGNED_IN, Pages, local_path, with_permissions, with_roles
from backoffice.state.arguments import arguments_of
from backoffice.state.gate import audience_of, audit_handlers, public, reference_of, requires, sign_in_url

pytestmark = pytest.mark.usefixtures("database")
SCALARS = (str, int, float, bool, type(None))


class Colour(StrEnum):
    RED = "red"


def member(role: Role) -> Actor:
    partner_id = UUID(int=1) if role.startswith("partner") else None
    return Actor.member(id=UUID(int=2), name="Ines", role=role, partner_id=partner_id)


def registered_states() -> list[type]:
    from reflex_base.registry import RegistrationContext

    import backoffice.routes  # noqa: F401 registers every state

    states = RegistrationContext.get().base_states.values()
    return [state for state in states if state.__module__.startswith("backoffice")]


def is_safe(hint: Any) -> bool:
    """A scalar, a view model, or a list, tuple or dict of these."""
    if get_origin(hint) is Field:
        return is_safe(get_args(hint)[0])
    if hint in SCALARS or get_origin(hint) is Literal:
        return True
    if get_origin(hint) in {list, tuple, dict, Union, types.UnionType}:
        return all(is_safe(part) for part in get_args(hint) if part is not Ellipsis)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint.__module__.startswith("backoffice.viewmodels")
    return isinstance(hint, type) and issubclass(hint, StrEnum)


def test_every_handler_says_who_may_call_it_with_which_arguments():
    assert len(registered_states()) >= 5
    assert audit_handlers() == []


def test_every_var_is_a_view_model_or_a_scalar():
    guilty = []
    for state in registered_states():
        hints = get_type_hints(state)
        shown = {name: hints.get(name) for name in state.base_vars}
        shown |= {name: var._var_type for name, var in state.computed_vars.items()}
        guilty += [f"{state.__name__}.{name}: {hint}" for name, hint in shown.items() if not is_safe(hint)]
    assert guilty == []


def test_safe_types_are_told_from_others():
    from backoffice.models.members import Member
    from backoffice.viewmodels.sessions import Viewer

    assert all(map(is_safe, (str, list[int], dict[str, Viewer], Viewer, str | None, tuple[str, ...])))
    assert not any(map(is_safe, (Member, list[Member], Any, object, bytes, dict[str, Any])))


def test_unmarked_handlers_are_nobodys():
    def handler(self): ...

    assert audience_of(handler) is None
    assert audience_of(public(lambda _: None)) is PUBLIC
    assert audience_of(requires(Permission.QUEUE_READ)(lambda _: None)) == with_permissions(Permission.QUEUE_READ)


def test_reflex_s_own_handlers_are_shut_but_for_five():
    import reflex as rx

    handlers = rx.State.event_handlers
    open_ = {name for name, handler in handlers.items() if audience_of(handler.fn)}
    assert open_ == {"hydrate", "hydrate_and_load", "set_is_hydrated"}


@pytest.mark.parametrize(
    ("payload", "is_fine"),
    [
        ({"number": 1, "word": "x"}, True),
        ({"number": 1, "word": "x", "colour": "red", "ids": ["00000000-0000-0000-0000-000000000001"]}, True),
        ({"number": 1, "word": "x", "ratio": 2}, True),
        ({"number": "1", "word": "x"}, False),
        ({"number": 1.5, "word": "x"}, False),
        ({"number": True, "word": "x"}, False),
        ({"number": None, "word": "x"}, False),
        ({"number": 1, "word": 5}, False),
        ({"number": 1, "word": {"$ne": ""}}, False),
        ({"number": 1}, False),
        ({"number": 1, "word": "x", "role": "operator"}, False),
        ({"number": 1, "word": "x", "self": "x"}, False),
        ({"number": 1, "word": "x", "colour": "green"}, False),
        ({"number": 1, "word": "x", "ids": ["nothing"]}, False),
        ({"number": 1, "word": "x", "form": {"__reflex_form_data__": [["q", "x"], ["q", "y"]]}}, True),
        ({"number": 1, "word": "x", "form": {"__reflex_form_data__": [["q", {"a": 1}]]}}, False),
    ],
)
def test_arguments_are_taken_strictly(payload, is_fine):
    assert arguments_of(example).accept(payload) is is_fine


async def example(  # noqa: PLR0917
    self, number: int, word: str, ratio: float = 1.0, colour: Colour = Colour.RED, ids: list[UUID] | None = None,
    form: dict[str, str] | None = None,
): ...  # fmt: skip


def test_arguments_without_a_type_cannot_be_checked():
    async def handler(self, anything): ...

    with pytest.raises(TypeError, match="anything"):
        arguments_of(handler)


@pytest.mark.parametrize("role", sorted(Role))
def test_audiences_by_permission_and_role(role):
    actor = member(role)
    decides = with_permissions(Permission.DOCUMENTS_DECIDE)
    assert decides.admits(actor) == (role in {Role.REVIEWER, Role.REVIEW_LEAD})
    assert with_roles(Role.OPERATOR).admits(actor) == (role == Role.OPERATOR)
    assert SIGNED_IN.admits(actor)
    assert PUBLIC.admits(None)
    assert not any(audience.admits(None) for audience in (SIGNED_IN, decides, with_roles(*Role)))


def test_refusal_names_the_role_that_would_help():
    said = with_permissions(Permission.QUEUE_READ).refusal(member(Role.OPERATOR))
    assert said == "You need the permission queue:read, which comes with the role: reviewer, review lead."


def test_pages_know_their_audience_with_and_without_a_slash():
    site = Pages()
    site.add("/review/work", SIGNED_IN)
    site.add("/review/work/[task]", with_roles(Role.REVIEWER))
    assert site.audience_of("/review/work/") == SIGNED_IN
    assert site.audience_of("//review//work/x") == with_roles(Role.REVIEWER)
    assert [site.audience_of(path) for path in ("/review", "/review/work/x/y", "/tokens.css")] == [None, None, None]


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/a\\b",
        "javascript:alert(1)",
        "evil",
        "",
        "/login",
        "/login/mfa",
        "/auth/logout",
        "/a\r\nSet-Cookie: x",
        "/" + "a" * 600,
    ],
)
def test_only_paths_of_ours_are_gone_to(path):
    assert local_path(path, "/home") == "/home"


def test_paths_of_ours_are_kept_whole():
    assert local_path("/review/queue?q=doc_1&view=mine") == "/review/queue?q=doc_1&view=mine"


def test_sign_in_comes_back_to_the_page():
    assert sign_in_url({"asPath": "/review/queue?q=a b"}) == "/login?next=%2Freview%2Fqueue%3Fq%3Da+b"
    assert sign_in_url({"asPath": "https://evil.example"}) == "/login"


def test_reference_that_is_none_is_nobody():
    assert reference_of({}) is None
    assert reference_of({"headers": {"x-session-ref": "no uuid"}}) is None
