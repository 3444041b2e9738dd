"""The live search of the command menu: one question at a time, each answered with the number that its asker gave it."""

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.services import searches
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.searches import Answer, hit_groups


class CommandMenuState(rx.State):
    """One tab's open menu; what was found is forgotten when it closes, what was asked is never kept."""

    answer: Answer = Answer()

    @rx.event
    @requires()
    async def look(self, q: str, number: int) -> None:
        """Find what the person is typing; too short or too long a text finds nothing."""
        actor, livemode = await signed_in(self), self.router.url.query_parameters.get("mode") != "test"
        async with transaction(actor.tenancy) as session:
            found = await searches.everything(session, actor, q, livemode=livemode)
        groups = hit_groups(found, q.strip(), livemode=livemode, is_staff=actor.is_staff, at=now())
        self.answer = Answer(number, groups)

    @rx.event
    @requires()
    async def forget(self) -> None:
        """Forget what was found."""
        self.answer = Answer()
