"""Checks what a client sends with an event: Reflex itself takes any value for any annotation."""

import inspect
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError
from reflex_base.utils.form import form_data_as_dict, transform_form_data
from reflex_base.utils.format import json_dumps

MAX_TEXT = 20_000


class Arguments:
    """The names and strict types of one handler's arguments."""

    def __init__(self, function: Any) -> None:  # noqa: ANN401 a handler of any signature
        self.hints = {name: hint for name, hint in get_type_hints(function).items() if name != "return"}
        parameters = list(inspect.signature(function).parameters.values())[1:]
        self.adapters: dict[str, TypeAdapter[Any]] = {one.name: TypeAdapter(self.hints[one.name]) for one in parameters}
        self.required = {one.name for one in parameters if one.default is inspect.Parameter.empty}

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
