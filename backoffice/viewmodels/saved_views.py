"""The tabs of the list of documents: those that everybody has, and a person's own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ViewTab:
    """One list to go to, with how many it holds, such as 12 or 999+."""

    label: str
    href: str
    count: str = "0"
    is_current: bool = False
    id: str = ""
    """Empty for those that everybody has."""
