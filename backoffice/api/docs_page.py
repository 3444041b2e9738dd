"""The documentation as one plain page: readable without a script, searchable with one, nothing from elsewhere."""

from html import escape

from backoffice.api.portal.html import LINK, inside
from backoffice.api.portal.model import Portal


def page(portal: Portal) -> str:
    """Write the whole page."""
    title = escape(portal.title)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title>"
        '<link rel="icon" href="docs/mark.svg" type="image/svg+xml"><script src="docs/theme.js"></script>'
        '<link rel="stylesheet" href="docs/fonts.css">'
        '<link rel="stylesheet" href="docs/tokens.css"><link rel="stylesheet" href="docs/page.css">'
        '<link rel="stylesheet" href="docs/docs.css"><script type="module" src="docs/docs.js"></script></head>'
        '<body class="docs-plain"><a class="skip" href="#content">Skip to content</a>'
        f'<header class="docs-bar"><strong>{title}</strong> <span>v{escape(portal.version)}</span>'
        '<a href="openapi.json">OpenAPI 3.1</a><a href="/partner">Workspace</a></header>'
        f'<main id="content" tabindex="-1"><h1>{title}</h1>{inside(portal, create_key=LINK)}</main></body></html>'
    )
