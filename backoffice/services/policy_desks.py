"""Everything that a person needs to judge one version of a policy, read at one moment."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models.policies import Backtest, PolicyVersion
from backoffice.models.policy_counts import Summary, TrialPair
from backoffice.screening.policy_language import Fault, Policy, PolicyError
from backoffice.services import backtests, partners, policies, policy_reports, rulings
from backoffice.services.access import Actor, Permission


@dataclass(frozen=True, slots=True)
class Judged:
    """A wording: what is wrong with it, and the policy that it is when it can be read."""

    faults: list[Fault]
    policy: Policy | None


@dataclass(frozen=True, slots=True)
class Desk:
    """One version with its surroundings."""

    version: PolicyVersion
    names: dict[UUID, str]
    partner: str
    """Whose policy it is; empty for the house."""
    before: PolicyVersion | None
    """What rules the same documents now."""
    judged: Judged
    backtest: Backtest | None
    summary: Summary | None
    trials: list[TrialPair]


async def desk(session: AsyncSession, actor: Actor, name: str) -> Desk:
    """Read one version by its name.

    Raises NotFound.
    """
    actor.require(Permission.POLICIES_READ)
    version = await policies.by_name(session, actor, name)
    row = await backtests.newest(session, actor, version.id)
    return Desk(
        version=version,
        names=await policy_reports.names(session, actor, [version]),
        partner=(await partners.get(session, actor, version.partner_id)).name if version.partner_id else "",
        before=await _before(session, actor, version),
        judged=await judge(session, actor, version.source),
        backtest=row,
        summary=await backtests.summary(session, actor, row) if row else None,
        trials=await policy_reports.trials(session, actor, version),
    )


async def _before(session: AsyncSession, actor: Actor, version: PolicyVersion) -> PolicyVersion | None:
    ruling = await policies.ruling(session, actor, version.partner_id) or await policies.ruling(session, actor, None)
    return ruling if ruling and ruling.id != version.id else None


async def judge(session: AsyncSession, actor: Actor, source: str) -> Judged:
    """Say what is wrong with a wording, saved or not."""
    actor.require(Permission.POLICIES_READ)
    faults = await policies.faults(session, source)
    try:
        return Judged(faults, await asyncio.to_thread(rulings.wording, source))
    except PolicyError:
        return Judged(faults, None)
