"""How browsers are named, each in the language of its screen or letter."""

from backoffice.i18n import gettext

BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def named(user_agent: str) -> tuple[str, str]:
    """Find browser and system in what a browser says of itself; "" for what is unknown."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    return browser, next((name for mark, name in SYSTEMS if mark in user_agent), "")


def browser_words(browser: str, system: str) -> str:
    """Name browser and system: Firefox on Linux; what is unknown is called a program."""
    if browser and system:
        return gettext("{browser} on {system}", browser=browser, system=system)
    return browser or system or gettext("A program")
