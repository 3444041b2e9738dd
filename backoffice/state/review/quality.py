"""Quality: one's own figures, or for leads everybody's; the URL holds whose, since when and which check."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import NotFound
from backoffice.models.base import Prefix, parse_public_id
from backoffice.models.quality_counts import CheckRate
from backoffice.services import check_quality, quality, reasons, review_history
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.session import signed_in
from backoffice.viewmodels.quality import (
    DEFAULT_DAYS,
    SPANS,
    CheckRow,
    DriftView,
    FigureView,
    PersonRow,
    ReasonRow,
    check_key,
    check_rows,
    drift,
    member_id,
    pace_figures,
    person_rows,
    quality_figures,
    quality_url,
    reason_rows,
)
from backoffice.viewmodels.words import CHECKS, plain

AGREEMENT = "Agreement by week"


class QualityState(rx.State):
    """One tab's figures."""

    figures: rx.Field[list[FigureView]] = rx.field(default_factory=list)
    pace: rx.Field[list[FigureView]] = rx.field(default_factory=list)
    reasons: rx.Field[list[ReasonRow]] = rx.field(default_factory=list)
    people: rx.Field[list[PersonRow]] = rx.field(default_factory=list)
    checks: rx.Field[list[CheckRow]] = rx.field(default_factory=list)
    weeks: DriftView = DriftView()
    check: DriftView = DriftView()
    names: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    """Whose figures a lead may choose: id and name."""
    person: str = ""
    days: int = DEFAULT_DAYS
    is_lead: bool = False
    is_loaded: bool = False

    @rx.event
    @requires(Permission.DOCUMENTS_DECIDE)
    async def open(self) -> None:
        """Read what the URL asks for."""
        asked, actor = self.router.url.query_parameters, await signed_in(self)
        days = asked.get("days", "")
        self.days = int(days) if days in {str(span) for span in SPANS} else DEFAULT_DAYS
        self.is_lead = actor.can(Permission.QUEUE_MANAGE)
        person = None
        with suppress(NotFound):
            person = parse_public_id(Prefix.MEMBER, asked["person"]) if self.is_lead and asked.get("person") else None
        self.person = member_id(person)
        await self._read(actor, person)
        await self._read_team(actor, asked.get("check", "")[:120])
        self.is_loaded = True

    @rx.event
    @requires(Permission.QUEUE_MANAGE)
    async def choose(self, person: str) -> rx.event.EventSpec:
        """Put whose figures are shown into the URL, which reads them."""
        return rx.redirect(quality_url(self.days, person[:60]))

    async def _read(self, actor: Actor, person: UUID | None) -> None:
        async with transaction(actor.tenancy) as session:
            found = await quality.figures(session, actor, days=self.days, person=person)
            given = await quality.reasons(session, actor, days=self.days, person=person)
            weeks = await quality.weeks(session, actor, days=self.days, person=person)
            labels = await reasons.labels(session)
        self.figures, self.pace = quality_figures(found), pace_figures(found)
        self.reasons, self.weeks = reason_rows(given, labels), drift(AGREEMENT, weeks, "an agreement rate by week")

    async def _read_team(self, actor: Actor, chosen: str) -> None:
        """Read what only leads see, and checks where nobody is chosen."""
        self.names, self.people, self.checks, self.check = [], [], [], DriftView()
        if not self.is_lead:
            return
        async with transaction(actor.tenancy) as session:
            known = await review_history.colleagues(session, actor)
            rows = [] if self.person else await quality.people(session, actor, days=self.days)
            checks = [] if self.person else await check_quality.checks(session, actor, days=self.days)
        self.names = [[member_id(key), name] for key, name in known]
        self.people = person_rows(rows, self.days)
        self.check = _chosen(checks, chosen)
        self.checks = check_rows(checks, self.days, chosen)


def _chosen(checks: Sequence[CheckRate], key: str) -> DriftView:
    """Draw the chosen check; one that is not there draws nothing."""
    for row in checks:
        if check_key(row) == key:
            title = f"{CHECKS.get(row.name, plain(row.name))}, {row.model}: confirmed by week"
            return drift(title, row.weeks, "a share by week")
    return DriftView()
