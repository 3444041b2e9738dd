"""Putting the task on the desk aside: until later, until the partner has answered, or for two to sign."""

from datetime import UTC, datetime
from typing import Any

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid
from backoffice.models.base import Prefix, parse_public_id
from backoffice.services import questions, review_claims
from backoffice.services.access import Permission
from backoffice.state.gate import requires
from backoffice.state.notices import alarm, notice
from backoffice.state.review.work import WorkState
from backoffice.state.session import signed_in

SAID = {
    "snooze": "Put aside. It comes back to you by itself.",
    "ask": "Asked. It comes back to you with the answer.",
    "second": "Two people sign this one.",
}


class AsideState(rx.State):
    """What the Wait panel asks for."""

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def aside(self, chosen: dict[str, Any]) -> Any:  # noqa: ANN401 Reflex types a handler as a callback
        """Do what was chosen with the task that was on the screen, and show the next one unless it stays."""
        how, task_id = str(chosen.get("how")), str(chosen.get("task"))
        work, actor = await self.get_state(WorkState), await signed_in(self)
        if task_id != work.desk.task_id or how not in SAID:
            return None
        key, text = parse_public_id(Prefix.REVIEW_TASK, task_id), str(chosen.get("text") or "")
        try:
            async with transaction(actor.tenancy) as session:
                if how == "snooze":
                    await review_claims.snooze(session, actor, key, _moment(chosen.get("until")))
                elif how == "ask":
                    await questions.ask(session, actor, key, text)
                else:
                    await review_claims.ask_second(session, actor, key)
        except BackofficeError as error:
            return alarm(str(error))
        if how == "second":
            return [notice(SAID[how]), WorkState.refresh]
        return [notice(SAID[how]), WorkState.leave(task_id)]


def _moment(text: object) -> datetime:
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        raise Invalid("Choose when it comes back.", code="invalid_date", pointer="/until") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
