"""What a person sees when a handler fails, and what the log keeps of it."""

from logging import getLogger
from typing import Any

import reflex as rx

from backoffice.errors import BackofficeError, NotSignedIn, SecretChanged, StepUpRequired
from backoffice.i18n import gettext
from backoffice.models.base import new_id
from backoffice.services.audiences import SIGN_IN_PAGE
from backoffice.state import step_up
from backoffice.state.gate import CONFIRMED_ELSEWHERE
from backoffice.state.notices import alarm

log = getLogger(__name__)
BROKEN = 500
MAX_REPORT = 300


def tell(exception: Exception) -> rx.event.EventSpec | None:
    """Translate a handler's exception: our own say themselves what is wrong, others get a reference for the log."""
    if isinstance(exception, SecretChanged):
        return _say(gettext(CONFIRMED_ELSEWHERE))
    if isinstance(exception, NotSignedIn):
        return rx.redirect(SIGN_IN_PAGE)
    if isinstance(exception, StepUpRequired):
        return step_up.ask()
    if isinstance(exception, BackofficeError) and exception.status < BROKEN:
        return _say(str(exception))
    reference = f"req_{new_id().hex}"
    log.error("event_failed", extra={"request_id": reference}, exc_info=exception)
    said = gettext("Something broke on our side. Try again; if it stays, tell us {reference}.", reference=reference)
    return _say(said)


def _say(text: str) -> Any:  # noqa: ANN401 Reflex types a handler's call as a callback
    return alarm(text)


def note(exception: Exception) -> None:
    """Log what a browser reports of itself, cut short: anybody could write it."""
    log.warning("browser_failed", extra={"report": str(exception)[:MAX_REPORT].encode("unicode_escape").decode()})
