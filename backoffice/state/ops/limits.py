"""What operators do about one partner's limits: an exception from its plan, with a reason and an end, and its end."""

from datetime import date, datetime

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, Invalid, StepUpRequired
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.plans import LimitName
from backoffice.services import limit_exceptions
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.notices import notice
from backoffice.state.ops.partner import PartnerState
from backoffice.state.session import signed_in
from backoffice.viewmodels.limits import LimitRow

QUESTIONS = frozenset({"grant", "end"})


class LimitsState(rx.State):
    """One tab's open question."""

    asking: str = ""
    """grant or end while its dialog is open."""
    limit: LimitRow = LimitRow()
    """The limit that it is about."""
    error: str = ""
    error_field: str = ""

    @rx.event
    @requires(Permission.PARTNERS_READ)
    async def close(self) -> None:
        """Leave it as it is."""
        self.asking = self.error = self.error_field = ""

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def ask(self, question: str, name: str) -> None:
        """Open the form of an exception, or ask whether one is to end."""
        page = await self.get_state(PartnerState)
        self.limit = next((row for row in page.limits if row.key == name), LimitRow())
        self.error = self.error_field = ""
        self.asking = question if question in QUESTIONS and self.limit.key else ""

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def grant(self, form: dict[str, str]) -> rx.event.EventType[()]:
        """Let what the form says hold in place of the plan's limit."""
        actor, name = await self._actor(), self.limit.key
        if name not in set(LimitName):
            return []
        try:
            wanted = _Wanted(form)
            async with transaction(actor.tenancy) as session:
                await limit_exceptions.grant(
                    session, actor, actor.require_partner(), LimitName(name),
                    value=wanted.value, reason=form.get("reason", ""), until=wanted.until,
                )  # fmt: skip
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._wrong(error)
        return self._done("The exception holds from the next request on.")

    @rx.event
    @requires(Permission.PARTNERS_WRITE)
    async def end(self) -> rx.event.EventType[()]:
        """Let the plan's own limit hold again."""
        actor, name = await self._actor(), self.limit.key
        if name not in set(LimitName):
            return []
        try:
            async with transaction(actor.tenancy) as session:
                await limit_exceptions.end(session, actor, actor.require_partner(), LimitName(name))
        except StepUpRequired:
            raise
        except BackofficeError as error:
            return self._wrong(error)
        return self._done("The plan's own limit holds again.")

    async def _actor(self) -> Actor:
        actor = await signed_in(self)
        return actor.within(parse_public_id(Prefix.PARTNER, self.router.url.path.rstrip("/").rpartition("/")[2]))

    def _wrong(self, error: BackofficeError) -> rx.event.EventType[()]:
        self.error, self.error_field = str(error), (error.pointer or "").strip("/")
        return []

    def _done(self, words: str) -> rx.event.EventType[()]:
        self.asking = self.error = self.error_field = ""
        return [PartnerState.refresh, notice(words)]


class _Wanted:
    """What the form of an exception says; its last day is a whole day in UTC."""

    def __init__(self, form: dict[str, str]) -> None:
        text = form.get("value", "").replace(",", "").replace(" ", "").strip()
        if not text.isdecimal() or not text.isascii():
            raise Invalid("How many, in digits.", code="out_of_range", pointer="/value")
        self.value = int(text[:12])
        self.until = _until(form.get("until", "").strip())


def _until(text: str) -> datetime | None:
    try:
        last = date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("A date like 2027-03-31, or none.", code="invalid_date", pointer="/until") from None
    return limit_exceptions.end_of(last) if last else None
