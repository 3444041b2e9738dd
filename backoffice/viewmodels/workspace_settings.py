"""Settings of a workspace as a form shows and reads them, and what differs before they are saved."""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.errors import Invalid
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.workspace_settings import MIN_IDLE, Brand, Effect, Rules, Security, contrast
from backoffice.viewmodels.changes import Change

EVERYWHERE = "From everywhere"
UNBOUND = "As the installation says"
LETTERS = {
    LetterKind.WEBHOOKS: ("Webhooks", "When an endpoint fails, works again or is switched off."),
    LetterKind.EXPORTS: ("Exports", "When a file that you asked for is ready."),
    LetterKind.ALERTS: ("Alerts", "At once or once a day, as you chose for each kind under Alerts."),
}


@dataclass(frozen=True)
class SettingsForm:
    """What the fields begin with; `version` makes them anew when it changes."""

    version: int = 0
    requires_second_factor: bool = False
    ip_allowlist: str = ""
    session_hours: str = ""
    idle_minutes: str = ""
    brand_name: str = ""
    brand_color: str = ""
    support_contact: str = ""
    sign_off: str = ""
    hours_hint: str = ""
    idle_hint: str = ""


@dataclass(frozen=True)
class LetterRow:
    """One kind of letter that may be switched off."""

    kind: str
    label: str
    about: str
    is_on: bool


@dataclass(frozen=True)
class BrandView:
    """How an applicant's message is signed."""

    name: str = ""
    color: str = ""
    contrast: str = ""
    support_contact: str = ""
    sign_off: str = ""


def settings_form(rules: Rules, *, most_hours: int, most_idle: int) -> SettingsForm:
    """Fill the form with what holds; the most that the installation allows stands beside the fields."""
    security, brand = rules.security, rules.brand
    return SettingsForm(
        version=rules.version,
        requires_second_factor=security.requires_second_factor,
        ip_allowlist="\n".join(security.ip_allowlist),
        session_hours=_number(security.session_hours),
        idle_minutes=_number(security.idle_minutes),
        brand_name=brand.name,
        brand_color=brand.color,
        support_contact=brand.support_contact,
        sign_off=brand.sign_off,
        hours_hint=f"1 to {most_hours}; empty is {most_hours}.",
        idle_hint=f"{MIN_IDLE} to {most_idle}; empty is {most_idle}.",
    )


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def read_form(form: Mapping[str, str | bool], version: int) -> Rules:
    """Read what somebody typed.

    Raises Invalid, whose pointer names the field.
    """
    texts = {name: str(value) for name, value in form.items()}
    security = Security(
        requires_second_factor=bool(form.get("requires_second_factor")),
        ip_allowlist=tuple(
            line for line in texts.get("ip_allowlist", "").replace(",", "\n").split("\n") if line.strip()
        ),
        session_hours=_read_number(texts, "session_hours"),
        idle_minutes=_read_number(texts, "idle_minutes"),
    )
    brand = Brand(*(texts.get(name, "") for name in ("brand_name", "brand_color", "support_contact", "sign_off")))
    return Rules(version, security, brand)


def _read_number(texts: Mapping[str, str], name: str) -> int | None:
    text = texts.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal():
        raise Invalid("Write a whole number, or leave it empty.", code="number_wrong", pointer=f"/{name}")
    return int(text[:6])


def setting_changes(before: Rules, after: Rules) -> list[Change]:
    """Say what differs."""
    rows = zip(_said(before), _said(after), strict=True)
    return [Change(was[0], was[1], becomes[1]) for was, becomes in rows if was != becomes]


def _said(rules: Rules) -> list[tuple[str, str]]:
    security, brand = rules.security, rules.brand
    hours, minutes = security.session_hours, security.idle_minutes
    return [
        ("Second factor", "Everybody needs one" if security.requires_second_factor else "Admins need one"),
        ("Networks", ", ".join(security.ip_allowlist) or EVERYWHERE),
        ("A session lasts at most", f"{hours} h" if hours else UNBOUND),
        ("Signed out when idle for", f"{minutes} min" if minutes else UNBOUND),
        ("Name for applicants", brand.name or "As your company is registered"),
        ("Colour", brand.color or "None"),
        ("Support contact", brand.support_contact or "None"),
        ("Sign-off", brand.sign_off or "None"),
    ]


def effects(effect: Effect) -> list[str]:
    """Say what a change would do at once."""
    said: list[str] = []
    if effect.sessions_ended:
        said.append(f"{_many(effect.sessions_ended, 'session')} of colleagues end at once.")
    if effect.ends_own:
        said.append("Your own session ends, too: you sign in again.")
    if effect.people_to_enrol:
        verb = "sets" if effect.people_to_enrol == 1 else "set"
        said.append(
            f"{_many(effect.people_to_enrol, 'person', 'people')} {verb} a second factor up at the next sign-in."
        )
    return said


def _many(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def brand_view(brand: Brand) -> BrandView:
    """Show how applicants' messages are signed."""
    ratio = f"{contrast(brand.color):.1f} to 1 against white" if brand.color else ""
    return BrandView(brand.name, brand.color, ratio, brand.support_contact, brand.sign_off)


def letter_rows(wanted: Mapping[LetterKind, bool]) -> list[LetterRow]:
    """Show which optional letters somebody gets."""
    return [LetterRow(str(kind), *LETTERS[kind], is_on=is_on) for kind, is_on in wanted.items()]
