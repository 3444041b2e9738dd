"""The live search of the command menu: one question at a time, each answered with the number that its asker gave it."""

import reflex as rx

from backoffice.clock import now
from backoffice.db import transaction
from backoffice.services import searches
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.searches import Answer, hit_groups, holds_secret


class CommandMenuState(rx.State):
    """One tab's open menu; what was found is forgotten when it closes, what was asked is never kept."""

    answer: Answer = Answer()
    _newest: int = 0
    """The highest number that was given to a question or to forgetting: what is lower comes too late."""

    @rx.event
    @requires()
    async def look(self, q: str, number: int) -> None:
        """Find what the person is typing; too short or too long a text finds nothing, nor does a secret."""
        if number < self._newest:
            return
        self._newest = number
        if holds_secret(q):
            self.answer = Answer(number)
            return
        actor, livemode = await signed_in(self), self.router.url.query_parameters.get("mode") != "test"
        async with transaction(actor.tenancy) as session:
            found = await searches.everything(session, actor, q, livemode=livemode)
        groups = hit_groups(found, q.strip(), livemode=livemode, is_staff=actor.is_staff, at=now())
        self.answer = Answer(number, groups)

    @rx.event
    @requires()
    async def forget(self, number: int) -> None:
        """Forget what was found, and what was asked before this but is found only later."""
        self._newest = max(self._newest, number)
        self.answer = Answer()
