"""One version of a policy: its wording and what is wrong with it, what it would change, and its publication."""

from urllib.parse import unquote

import reflex as rx

from backoffice.db import transaction
from backoffice.errors import BackofficeError, NotFound
from backoffice.models.policy_counts import Tally
from backoffice.screening.policy_language import Fault, Policy
from backoffice.services import backtests, policies, policy_desks
from backoffice.services.access import Actor, Permission
from backoffice.state.gate import requires
from backoffice.state.live import has_left, watch
from backoffice.state.notices import alarm, notice
from backoffice.state.ops.policies import HOUSE
from backoffice.state.session import signed_in
from backoffice.viewmodels.policies import (
    PLACE,
    BacktestView,
    DiffLine,
    FaultView,
    ShadowView,
    VersionView,
    backtest_view,
    diff,
    fault_views,
    shadow_view,
    tally_of,
    version_view,
)
from backoffice.viewmodels.policy_words import RuleView, rule_views

SPANS = {7: "7 days", 30: "30 days", 90: "90 days"}
QUESTIONS = {"publish", "shadow", "discard"}


class PolicyState(rx.State):
    """One tab's version."""

    status: str = "loading"
    """loading, ready or missing."""
    version: VersionView = VersionView()
    revision: int = 0
    """What the text on the screen began with: another person's saving never replaces it."""
    faults: rx.Field[list[FaultView]] = rx.field(default_factory=list)
    rules: rx.Field[list[RuleView]] = rx.field(default_factory=list)
    changes: rx.Field[list[DiffLine]] = rx.field(default_factory=list)
    backtest: BacktestView = BacktestView()
    shadow: ShadowView = ShadowView()
    days: int = 30
    asking: str = ""
    """What needs a yes: publish, shadow or discard."""

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def open(self) -> None:
        """Read the version that the URL names, and hear of every change from then on."""
        self.reset()
        await watch(self, policies.TOPIC, backtests.TOPIC, on_change=PolicyState.refresh)
        try:
            await self._read(await signed_in(self))
        except NotFound:
            self.status = "missing"
            return
        self.revision = self.version.revision

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def refresh(self) -> None:
        """Read again: something about the version or its back-test changed."""
        if not await has_left(self) and self.status == "ready":
            await self._read(await signed_in(self))

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def check(self, source: str) -> None:
        """Say what is wrong with what is being written."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            judged = await policy_desks.judge(session, actor, source)
        self._show(judged.faults, judged.policy)

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def save(self, form: dict[str, str]) -> rx.event.EventSpec:
        """Keep the draft; what somebody else saved meanwhile is not overwritten."""
        actor = await signed_in(self)
        source, note = form.get("source", ""), form.get("note", "")
        async with transaction(actor.tenancy) as session:
            version = await policies.by_name(session, actor, self._name())
            saved = await policies.save(session, actor, version.id, source=source, note=note, revision=self.revision)
        self.revision = saved.revision
        await self._read(actor)
        return notice("Saved. It can be published." if not self.faults else "Saved. It has faults yet.")

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def take_theirs(self) -> None:
        """Show what somebody else saved instead of what is on the screen."""
        self.revision = self.version.revision

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def ask(self, what: str) -> None:
        """Ask before a version rules, shadows or goes."""
        self.asking = what if what in QUESTIONS else ""

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def close(self) -> None:
        """Close the question."""
        self.asking = ""

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def confirm(self) -> rx.event.EventSpec | None:
        """Do what was asked about."""
        actor, what = await signed_in(self), self.asking
        self.asking = ""
        if what not in QUESTIONS:
            return None
        try:
            async with transaction(actor.tenancy) as session:
                version = await policies.by_name(session, actor, self._name())
                if what == "discard":
                    await policies.discard(session, actor, version.id)
                else:
                    act = policies.publish if what == "publish" else policies.begin_shadow
                    await act(session, actor, version.id, revision=self.revision)
        except BackofficeError as error:
            return alarm(str(error))
        if what == "discard":
            return rx.redirect(PLACE)
        await self._read(actor)
        said = {"publish": "It rules from now on.", "shadow": "It rules in shadow: nothing is decided by it."}
        return notice(said[what])

    @rx.event
    @requires(Permission.POLICIES_READ)
    async def look_back(self, days: int) -> None:
        """Choose how far a back-test looks back."""
        self.days = days if days in SPANS else self.days

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def start_backtest(self) -> None:
        """Replay the past under this version's saved wording."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            version = await policies.by_name(session, actor, self._name())
            await backtests.begin(
                session,
                actor,
                source=version.source,
                days=self.days,
                partner_id=version.partner_id,
                version_id=version.id,
            )
        await self._read(actor)

    @rx.event
    @requires(Permission.POLICIES_WRITE)
    async def cancel_backtest(self) -> None:
        """Stop the back-test that runs."""
        actor = await signed_in(self)
        async with transaction(actor.tenancy) as session:
            version = await policies.by_name(session, actor, self._name())
            row = await backtests.newest(session, actor, version.id)
            if row:
                await backtests.cancel(session, actor, row.id)
        await self._read(actor)

    def _name(self) -> str:
        return unquote(self.router.url.path).rstrip("/").rpartition("/")[2]

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor.tenancy) as session:
            desk = await policy_desks.desk(session, actor, self._name())
        version, before = desk.version, desk.before
        self.version = version_view(version, desk.names, scope=desk.partner or HOUSE, viewer=actor.id)
        self.changes = diff(before.source, version.source) if before else []
        self.backtest = backtest_view(desk.backtest, desk.summary, source=version.source)
        self.shadow = shadow_view(desk.trials)
        if self.revision in {0, version.revision}:
            self._show(desk.judged.faults, desk.judged.policy, tally_of(desk.backtest, version.source))
        self.status = "ready"

    def _show(self, faults: list[Fault], policy: Policy | None, tally: Tally | None = None) -> None:
        self.faults = fault_views(faults)
        self.rules = rule_views(policy, tally) if policy else []
