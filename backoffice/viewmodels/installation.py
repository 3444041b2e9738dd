"""Settings, risks and versions as a page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from backoffice.models.setting_notes import Risk, SettingValue, Source, Version

SOURCES = {
    Source.DEFAULT: ("default", "gray"),
    Source.ENVIRONMENT: ("environment", "blue"),
    Source.FILE: ("file", "blue"),
    Source.RUNTIME: ("backoffice up", "indigo"),
}


@dataclass(frozen=True)
class SettingRow:
    """One setting."""

    variable: str = ""
    value: str = ""
    source: str = ""
    source_tone: str = ""
    about: str = ""
    kind: str = ""
    """`secret` for one whose value nobody reads."""


@dataclass(frozen=True)
class SettingGroup:
    """Settings that belong together."""

    name: str = ""
    rows: list[SettingRow] = field(default_factory=list[SettingRow])


@dataclass(frozen=True)
class RiskRow:
    """One value to look at."""

    variable: str = ""
    words: str = ""
    tone: str = ""
    says: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class VersionRow:
    """What runs."""

    what: str = ""
    version: str = ""


def groups(found: Iterable[SettingValue], query: str = "") -> list[SettingGroup]:
    """Show the settings by group; with a search those that have all of its words."""
    wanted = query.lower().split()
    by_group: dict[str, list[SettingRow]] = {}
    for one in found:
        said = f"{one.variable} {one.about} {one.group} {one.value}".lower()
        if all(word in said for word in wanted):
            by_group.setdefault(one.group, []).append(_row(one))
    return [SettingGroup(name, rows) for name, rows in by_group.items()]


def _row(one: SettingValue) -> SettingRow:
    words, tone = SOURCES[one.source]
    return SettingRow(one.variable, one.value, words, tone, one.about, "secret" if one.is_secret else "")


def amount(found: Sequence[SettingGroup]) -> str:
    """Say how many are shown."""
    count = sum(len(group.rows) for group in found)
    return "1 setting" if count == 1 else f"{count} settings"


def risk_rows(found: Iterable[Risk]) -> list[RiskRow]:
    """Show what to look at."""
    return [
        RiskRow(one.variable, *(("Grave", "red") if one.is_grave else ("Look at it", "amber")), one.says, one.remedy)
        for one in found
    ]


def version_rows(found: Iterable[Version]) -> list[VersionRow]:
    """Show what runs."""
    return [VersionRow(one.what, one.version or "does not answer") for one in found]
