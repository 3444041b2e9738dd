"""Checks what a client sends with an event: Reflex itself takes any value for any annotation."""

import inspect
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY, form_data_as_dict, transform_form_data
from reflex_base.utils.format import json_dumps

MAX_TEXT = 20_000
FORMS = (dict[str, str], dict[str, str | bool])
"""What handlers of forms declare."""
PAIR = 2
"""A browser's form is a list of names with their values."""


class Arguments:
    """The names and strict types of one handler's arguments."""

    def __init__(self, function: Any) -> None:  # noqa: ANN401 a handler of any signature
        self.hints = {name: hint for name, hint in get_type_hints(function).items() if name != "return"}
        parameters = list(inspect.signature(function).parameters.values())[1:]
        self.adapters: dict[str, TypeAdapter[Any]] = {one.name: TypeAdapter(self.hints[one.name]) for one in parameters}
        self.forms = {name for name, hint in self.hints.items() if hint in FORMS}
        self.required = {one.name for one in parameters if one.default is inspect.Parameter.empty}

    def tidy(self, payload: Mapping[str, Any]) -> None:
        """Take the fields out of a form that its page does not show just now: the browser sends null for them."""
        for form in self.forms & payload.keys():
            if isinstance(payload[form], dict):
                _drop_nulls(cast("dict[str, object]", payload[form]))

    def accept(self, payload: Mapping[str, Any]) -> bool:
        """Answer whether these are exactly the arguments that the handler declares: none missing, none more."""
        if not self.required <= payload.keys() <= self.adapters.keys():
            return False
        return all(self._is_valid(name, value) for name, value in payload.items())

    def _is_valid(self, name: str, value: object) -> bool:
        """Check one value as JSON, strictly: `"1"` is no number, and an enum takes its own values only."""
        plain = form_data_as_dict(transform_form_data(value, self.hints[name]))
        try:
            self.adapters[name].validate_json(json_dumps(plain), strict=True)
        except (ValidationError, TypeError, ValueError):
            return False
        return True


def _drop_nulls(form: dict[str, object]) -> None:
    for name in [name for name, given in form.items() if given is None]:
        del form[name]
    entries = form.get(FORM_DATA_ENTRIES_KEY)
    if isinstance(entries, list):
        form[FORM_DATA_ENTRIES_KEY] = [entry for entry in cast("list[object]", entries) if not _is_null(entry)]


def _is_null(entry: object) -> bool:
    return isinstance(entry, list) and len(cast("list[object]", entry)) == PAIR and entry[1] is None


@lru_cache(2000)
def arguments_of(function: Any) -> Arguments:  # noqa: ANN401 a handler of any signature
    """Build a handler's check once.

    Raises TypeError for a handler whose arguments cannot be checked; a test calls this for every handler.
    """
    try:
        return Arguments(function)
    except (KeyError, NameError, PydanticSchemaGenerationError) as error:
        message = f"{function.__qualname__}: every argument needs a type that can be checked ({error})"
        raise TypeError(message) from error
