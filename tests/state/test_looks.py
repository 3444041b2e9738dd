"""What an operator who looks may call: a list of readings, and whatever is not on it is refused."""

import pytest

from backoffice.routes import ROUTES
from backoffice.services.access import LOOKING
from backoffice.state import looks
from backoffice.state.gate import audience_of
from tests.test_outsider_socket import handlers

ABSENT = {"/partner/developers/sandbox"}
"""Pages that nobody opens who looks: what is on them is done, and not read."""


def ours():
    found = [function for function in handlers().values() if function.__module__.startswith("backoffice.state.")]
    return {f"{function.__module__}.{function.__name__}": function for function in found}


def test_every_reading_is_a_handler():
    assert sorted(looks.READING - ours().keys()) == []


def test_no_reading_needs_a_right_to_change_anything():
    for name in looks.READING:
        audience = audience_of(ours()[name])
        assert audience.permissions <= LOOKING, name


def test_what_writes_is_on_no_list():
    named = {name.rpartition(".")[2] for name in looks.READING}
    acts = {"save", "keep", "choose", "confirm", "begin", "create", "revoke", "send", "stop", "verify", "ask"}
    assert named & acts == {"ask"}
    assert {name for name in looks.READING if name.endswith(".ask")} == {"backoffice.state.search.ask"}


@pytest.mark.parametrize("route", [one for one in ROUTES if one.workspace == "partner"], ids=lambda one: one.path)
def test_what_a_page_opens_with_is_a_reading_or_the_page_is_not_open(route):
    opening = route.on_load if isinstance(route.on_load, list) else [route.on_load]
    names = {f"{one.fn.__module__}.{one.fn.__name__}" for one in opening}
    assert names <= looks.READING or route.path in ABSENT
    assert (route.audience.permissions <= LOOKING) == (route.path not in ABSENT)
