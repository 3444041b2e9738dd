"""The words that documents use, kept as data so that a language can be added without touching a reader."""

from functools import lru_cache
from importlib.resources import files
from typing import cast

import yaml


@lru_cache
def load(name: str) -> dict[str, tuple[str, ...]]:
    """Read one list: what a word means, and the words that mean it, parted by bars."""
    source = files("backoffice.screening").joinpath("words", f"{name}.yaml").read_text("utf-8")
    table = cast("dict[str, str]", yaml.safe_load(source))
    return {meaning: tuple(word.strip() for word in words.split("|")) for meaning, words in table.items()}
