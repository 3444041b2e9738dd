"""Settings of a workspace as a form shows and reads them, and what differs before they are saved."""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.errors import Invalid
from backoffice.i18n import N_, gettext, ngettext, number
from backoffice.models.letter_kinds import LetterKind
from backoffice.models.workspace_settings import MIN_IDLE, Brand, Effect, Rules, Security, contrast
from backoffice.viewmodels.changes import Change
from backoffice.viewmodels.words import fixed

EVERYWHERE = N_("From everywhere")
UNBOUND = N_("As the installation says")
LETTERS = {
    LetterKind.WEBHOOKS: (N_("Webhooks"), N_("When an endpoint fails, works again or is switched off.")),
    LetterKind.EXPORTS: (N_("Exports"), N_("When a file of yours is ready, or a large one waits for a second person.")),
    LetterKind.ALERTS: (N_("Alerts"), N_("At once or once a day, as you chose for each kind under Alerts.")),
}


@dataclass(frozen=True)
class SettingsForm:
    """What the fields begin with; `version` makes them anew when it changes."""

    version: int = 0
    requires_second_factor: bool = False
    ip_allowlist: str = ""
    session_hours: str = ""
    idle_minutes: str = ""
    export_alone: str = ""
    brand_name: str = ""
    brand_color: str = ""
    support_contact: str = ""
    sign_off: str = ""
    hours_hint: str = ""
    idle_hint: str = ""
    alone_hint: str = ""


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


def settings_form(rules: Rules, most: Security) -> SettingsForm:
    """Fill the form with what holds; the most that the installation allows stands beside the fields."""
    security, brand = rules.security, rules.brand
    return SettingsForm(
        version=rules.version,
        requires_second_factor=security.requires_second_factor,
        ip_allowlist="\n".join(security.ip_allowlist),
        session_hours=_number(security.session_hours),
        idle_minutes=_number(security.idle_minutes),
        export_alone=_number(security.export_alone),
        brand_name=brand.name,
        brand_color=brand.color,
        support_contact=brand.support_contact,
        sign_off=brand.sign_off,
        hours_hint=_bounds(1, most.session_hours or 0),
        idle_hint=_bounds(MIN_IDLE, most.idle_minutes or 0),
        alone_hint=_bounds(0, most.export_alone or 0),
    )


def _bounds(least: int, most: int) -> str:
    return gettext("{least} to {most}; empty is {most}.", least=least, most=most)


def _number(given: int | None) -> str:
    return "" if given is None else str(given)


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
        export_alone=_read_number(texts, "export_alone"),
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
    hours, minutes, alone = security.session_hours, security.idle_minutes, security.export_alone
    everybody = gettext("Everybody needs one")
    return [
        (gettext("Second factor"), everybody if security.requires_second_factor else gettext("Admins need one")),
        (gettext("Networks"), ", ".join(security.ip_allowlist) or gettext(EVERYWHERE)),
        (gettext("A session lasts at most"), f"{hours} h" if hours else gettext(UNBOUND)),
        (gettext("Signed out when idle for"), f"{minutes} min" if minutes else gettext(UNBOUND)),
        (gettext("Exported by one person alone"), gettext(UNBOUND) if alone is None else number(alone)),
        (gettext("Name for applicants"), brand.name or gettext("As your company is registered")),
        (gettext("Colour"), brand.color or gettext("None")),
        (gettext("Support contact"), brand.support_contact or gettext("None")),
        (gettext("Sign-off"), brand.sign_off or gettext("None")),
    ]


def effects(effect: Effect) -> list[str]:
    """Say what a change would do at once."""
    said: list[str] = []
    if count := effect.sessions_ended:
        said.append(
            ngettext(
                "{count} session of colleagues end at once.",
                "{count} sessions of colleagues end at once.",
                count,
                count=count,
            )
        )
    if effect.ends_own:
        said.append(gettext("Your own session ends, too: you sign in again."))
    if count := effect.people_to_enrol:
        said.append(
            ngettext(
                "{count} person sets a second factor up at the next sign-in.",
                "{count} people set a second factor up at the next sign-in.",
                count,
                count=count,
            )
        )
    return said


def brand_view(brand: Brand) -> BrandView:
    """Show how applicants' messages are signed."""
    ratio = gettext("{ratio} to 1 against white", ratio=fixed(contrast(brand.color), 1)) if brand.color else ""
    return BrandView(brand.name, brand.color, ratio, brand.support_contact, brand.sign_off)


def letter_rows(wanted: Mapping[LetterKind, bool]) -> list[LetterRow]:
    """Show which optional letters somebody gets."""
    return [
        LetterRow(str(kind), *(gettext(words) for words in LETTERS[kind]), is_on=is_on)
        for kind, is_on in wanted.items()
    ]
