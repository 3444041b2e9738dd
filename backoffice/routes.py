"""Every browser URL, one line each, with who may open it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from backoffice.components.leave import leave
from backoffice.models.members import PARTNER_ROLES, Role
from backoffice.pages.account.sessions import account
from backoffice.pages.frame import ANY, framed
from backoffice.pages.ops.audit import audit_log
from backoffice.pages.ops.engines import engines
from backoffice.pages.ops.health import health
from backoffice.pages.ops.overview import overview
from backoffice.pages.ops.partner import partner
from backoffice.pages.ops.partners import partners
from backoffice.pages.ops.policies import policies
from backoffice.pages.ops.policy import policy
from backoffice.pages.ops.retention import retention
from backoffice.pages.ops.roles import roles
from backoffice.pages.ops.security import security
from backoffice.pages.ops.settings import settings as installation
from backoffice.pages.ops.sla import sla
from backoffice.pages.ops.tiers import tiers
from backoffice.pages.ops.users import users
from backoffice.pages.partner.alerts import alerts
from backoffice.pages.partner.analytics import analytics
from backoffice.pages.partner.audit import audit
from backoffice.pages.partner.billing import billing
from backoffice.pages.partner.dashboard import dashboard
from backoffice.pages.partner.docs import docs
from backoffice.pages.partner.document import document
from backoffice.pages.partner.documents import documents
from backoffice.pages.partner.events import events
from backoffice.pages.partner.exports import exports
from backoffice.pages.partner.keys import keys
from backoffice.pages.partner.requests import requests
from backoffice.pages.partner.sandbox import sandbox
from backoffice.pages.partner.settings import settings
from backoffice.pages.partner.team import colleagues
from backoffice.pages.partner.usage import usage
from backoffice.pages.partner.usage_records import usage_records
from backoffice.pages.partner.webhook import webhook
from backoffice.pages.partner.webhooks import webhooks
from backoffice.pages.review.assignment import assignment
from backoffice.pages.review.history import history
from backoffice.pages.review.quality import quality
from backoffice.pages.review.queue import queue
from backoffice.pages.review.sample import sample
from backoffice.pages.review.samples import samples
from backoffice.pages.review.story import story
from backoffice.pages.review.team import team
from backoffice.pages.review.work import work
from backoffice.pages.search import search
from backoffice.services.access import Permission
from backoffice.services.audiences import PUBLIC, SIGNED_IN, Audience, pages, with_permissions, with_roles
from backoffice.state import looks
from backoffice.state.account.sessions import AccountState
from backoffice.state.ops.audit import LogState
from backoffice.state.ops.engines import EnginesState
from backoffice.state.ops.health import HealthState
from backoffice.state.ops.limits import LimitsState
from backoffice.state.ops.onboarding import OnboardingState
from backoffice.state.ops.overview import OverviewState
from backoffice.state.ops.partner import PartnerState
from backoffice.state.ops.partner_acts import PartnerActsState
from backoffice.state.ops.partner_sso import PartnerSsoState
from backoffice.state.ops.partners import PartnersState
from backoffice.state.ops.policies import PoliciesState
from backoffice.state.ops.policy import PolicyState
from backoffice.state.ops.retention import RetentionState
from backoffice.state.ops.retention_acts import RetentionActsState
from backoffice.state.ops.roles import RolesState
from backoffice.state.ops.security import SecurityActsState, SecurityDeskState
from backoffice.state.ops.settings import InstallationState
from backoffice.state.ops.sla import SlaState
from backoffice.state.ops.tiers import TiersState
from backoffice.state.ops.user_acts import UserActsState
from backoffice.state.ops.users import UsersState
from backoffice.state.ops.viewing import ViewingState
from backoffice.state.partner.alert_rhythms import AlertRhythmsState
from backoffice.state.partner.alert_rules import AlertRulesState
from backoffice.state.partner.alerts import AlertsState
from backoffice.state.partner.analytics import AnalyticsState
from backoffice.state.partner.audit import AuditState
from backoffice.state.partner.bell import BellState
from backoffice.state.partner.billing import BillingState
from backoffice.state.partner.bulk import DocumentBulkState
from backoffice.state.partner.clock import ClockState
from backoffice.state.partner.dashboard import DashboardState
from backoffice.state.partner.docs import DocsState
from backoffice.state.partner.document import DocumentState
from backoffice.state.partner.documents import DocumentsState
from backoffice.state.partner.events import EventsState
from backoffice.state.partner.evidence import EvidenceState
from backoffice.state.partner.exports import ExportsState
from backoffice.state.partner.inviting import InvitingState
from backoffice.state.partner.keys import KeysState
from backoffice.state.partner.letters import LettersState
from backoffice.state.partner.looks import LooksState
from backoffice.state.partner.numbers import NumbersState
from backoffice.state.partner.peeking import PeekState
from backoffice.state.partner.person import PersonState
from backoffice.state.partner.questions import QuestionsState
from backoffice.state.partner.replaying import ReplayState
from backoffice.state.partner.requests import RequestsState
from backoffice.state.partner.roles import CustomRolesState
from backoffice.state.partner.sandbox import SandboxState
from backoffice.state.partner.selecting import SelectionState
from backoffice.state.partner.settings import SettingsState
from backoffice.state.partner.simulating import SimulationState
from backoffice.state.partner.single_sign_on import SsoState
from backoffice.state.partner.tagging import TaggingState
from backoffice.state.partner.team import ColleaguesState
from backoffice.state.partner.usage import UsageState
from backoffice.state.partner.usage_records import UsageRecordsState
from backoffice.state.partner.views import ViewsState
from backoffice.state.partner.webhook import WebhookState
from backoffice.state.partner.webhooks import WebhooksState
from backoffice.state.review.assigning import AssigningState
from backoffice.state.review.assignment import AssignmentState
from backoffice.state.review.breaches import BreachesState
from backoffice.state.review.bulk import BulkState
from backoffice.state.review.compare import CompareState
from backoffice.state.review.history import HistoryState
from backoffice.state.review.marks import MarksState
from backoffice.state.review.quality import QualityState
from backoffice.state.review.queue import QueueState
from backoffice.state.review.reopening import ReopeningState
from backoffice.state.review.sample import SampleState
from backoffice.state.review.samples import SamplesState
from backoffice.state.review.story import StoryState
from backoffice.state.review.team import AlertState, TeamState
from backoffice.state.review.work import WorkState
from backoffice.state.sealing import SealingState
from backoffice.state.search import SearchState
from backoffice.state.session import SessionState


@dataclass(frozen=True, slots=True)
class Route:
    """One page: its address, its title, what it shows, who may open it, and what it reads when it opens.

    `workspace` picks the places in the frame around it; a page without one stands alone.
    """

    path: str
    title: str
    page: Callable[[], rx.Component]
    audience: Audience
    on_load: Any = None
    workspace: str = ""
    flush: bool = False
    paused: Any = False
    """A Var that says whether the viewer holds the page still."""


PARTNERS = with_roles(*PARTNER_ROLES)
COUNTED = Audience(permissions=frozenset({Permission.METRICS_READ}), roles=PARTNER_ROLES)
READERS = Audience(permissions=frozenset({Permission.DOCUMENTS_READ}), roles=PARTNER_ROLES)
ALERTED = Audience(permissions=frozenset({Permission.ALERTS_READ}), roles=PARTNER_ROLES)
METERED = Audience(permissions=frozenset({Permission.USAGE_READ}), roles=PARTNER_ROLES)
TOLD = Audience(permissions=frozenset({Permission.WEBHOOKS_READ}), roles=PARTNER_ROLES)
KEEPERS = Audience(permissions=frozenset({Permission.KEYS_READ}), roles=PARTNER_ROLES)
ASKERS = Audience(permissions=frozenset({Permission.REQUESTS_READ}), roles=PARTNER_ROLES)
TELLERS = Audience(permissions=frozenset({Permission.EVENTS_READ}), roles=PARTNER_ROLES)
TESTERS = Audience(permissions=frozenset({Permission.SANDBOX_USE}), roles=PARTNER_ROLES)
MANAGERS = Audience(permissions=frozenset({Permission.MEMBERS_READ}), roles=PARTNER_ROLES)
AUDITS = Audience(permissions=frozenset({Permission.AUDIT_READ}), roles=PARTNER_ROLES)
PAYERS = Audience(permissions=frozenset({Permission.BILLING_READ}), roles=PARTNER_ROLES)
HOOKS = "/partner/developers/webhooks"
CONSOLE = with_permissions(Permission.PARTNERS_READ)
EVERYBODY = with_permissions(Permission.PARTNERS_READ, Permission.MEMBERS_READ)
MACHINES = with_permissions(Permission.JOBS_READ)
WATCHERS = Audience(permissions=frozenset({Permission.AUDIT_READ}), roles=frozenset(Role) - PARTNER_ROLES)
TIERS = with_permissions(Permission.PARTNERS_READ, Permission.BILLING_READ, Permission.POLICIES_READ)
RULES = with_permissions(Permission.POLICIES_READ)
KEEPING = with_permissions(Permission.RETENTION_READ)
WATCHES = with_permissions(Permission.SECURITY_READ)
QUEUES = with_permissions(Permission.QUEUE_READ)
LEADS = with_permissions(Permission.QUEUE_MANAGE)
DECIDES = with_permissions(Permission.DOCUMENTS_DECIDE)
LIST_OPENS = [
    NumbersState.join,
    DocumentsState.open,
    SelectionState.open,
    DocumentBulkState.open,
    ViewsState.open,
    LooksState.open,
    PeekState.close,
]
REQUEST_OPENS = [RequestsState.open, ReplayState.close]
SANDBOX_OPENS = [SandboxState.open, ClockState.open, SimulationState.close]
DOCUMENT_OPENS = [DocumentState.open, QuestionsState.open, TaggingState.open, EvidenceState.open, PersonState.open]
PARTNER_OPENS = [PartnerState.open, PartnerActsState.close, LimitsState.close, ViewingState.close, PartnerSsoState.open]
TEAM_OPENS = [ColleaguesState.open, InvitingState.open, CustomRolesState.open]
SETTINGS_OPENS = [SettingsState.open, SsoState.open, LettersState.open]
DESK = [WorkState.open, MarksState.open, CompareState.open]
QUEUE_OPENS = [QueueState.open, AssigningState.open, BulkState.open, AlertState.listen]
LOG_OPENS = [LogState.open, SealingState.open]
SECURITY_OPENS = [SecurityDeskState.open, SecurityActsState.close]
RETENTION_OPENS = [RetentionState.open, RetentionActsState.close]
ALERT_OPENS = [AlertsState.open, AlertRulesState.open, AlertRhythmsState.open]
ROUTES = (
    Route("/login", "Sign in", leave, PUBLIC),
    Route("/account", "Account", account, SIGNED_IN, AccountState.open, "account"),
    Route("/search", "Search", search, SIGNED_IN, SearchState.open, ANY),
    Route("/partner", "Dashboard", dashboard, COUNTED, DashboardState.open, "partner", paused=NumbersState.paused),
    Route("/partner/documents", "Documents", documents, READERS, LIST_OPENS, "partner"),
    Route("/partner/documents/[document]", "Document", document, READERS, DOCUMENT_OPENS, "partner"),
    Route("/partner/alerts", "Alerts", alerts, ALERTED, ALERT_OPENS, "partner"),
    Route("/partner/analytics", "Analytics", analytics, COUNTED, AnalyticsState.open, "partner"),
    Route("/partner/exports", "Exports", exports, READERS, ExportsState.open, "partner"),
    Route("/partner/developers/keys", "API keys", keys, KEEPERS, KeysState.open, "partner"),
    Route("/partner/developers/docs", "API documentation", docs, PARTNERS, DocsState.open, "partner"),
    Route(HOOKS, "Webhooks", webhooks, TOLD, WebhooksState.open, "partner"),
    Route(f"{HOOKS}/[endpoint]", "Webhook", webhook, TOLD, WebhookState.open, "partner"),
    Route("/partner/developers/requests", "API requests", requests, ASKERS, REQUEST_OPENS, "partner"),
    Route("/partner/developers/events", "Events", events, TELLERS, EventsState.open, "partner"),
    Route("/partner/developers/sandbox", "Sandbox", sandbox, TESTERS, SANDBOX_OPENS, "partner"),
    Route("/partner/team", "Team", colleagues, MANAGERS, TEAM_OPENS, "partner"),
    Route("/partner/settings", "Settings", settings, PARTNERS, SETTINGS_OPENS, "partner"),
    Route("/partner/audit", "Audit trail", audit, AUDITS, [AuditState.open, SealingState.open], "partner"),
    Route("/partner/usage", "Usage", usage, METERED, UsageState.open, "partner"),
    Route("/partner/usage/records", "Usage records", usage_records, METERED, UsageRecordsState.open, "partner"),
    Route("/partner/billing", "Billing", billing, PAYERS, BillingState.open, "partner"),
    Route("/review/queue", "Queue", queue, QUEUES, QUEUE_OPENS, "review"),
    Route("/review/team", "Team", team, LEADS, [TeamState.open, BreachesState.open], "review"),
    Route("/review/assignment", "Assignment", assignment, LEADS, AssignmentState.open, "review"),
    Route("/review/work", "Next task", work, DECIDES, WorkState.begin, "review", flush=True),
    Route("/review/work/[task]", "Review", work, DECIDES, DESK, "review", flush=True),
    Route("/review/samples", "Samples", samples, DECIDES, SamplesState.open, "review"),
    Route("/review/samples/[sample]", "Second look", sample, DECIDES, SampleState.open, "review", flush=True),
    Route("/review/quality", "Quality", quality, DECIDES, QualityState.open, "review"),
    Route("/review/history", "History", history, DECIDES, HistoryState.open, "review"),
    Route("/review/documents/[document]", "Timeline", story, DECIDES, [StoryState.open, ReopeningState.open], "review"),
    Route("/ops", "Overview", overview, CONSOLE, OverviewState.open, "ops"),
    Route("/ops/partners", "Partners", partners, CONSOLE, [PartnersState.open, OnboardingState.close], "ops"),
    Route("/ops/partners/[partner]", "Partner", partner, CONSOLE, PARTNER_OPENS, "ops"),
    Route("/ops/tiers", "Plans", tiers, TIERS, TiersState.open, "ops"),
    Route("/ops/users", "Users", users, EVERYBODY, [UsersState.open, UserActsState.close], "ops"),
    Route("/ops/roles", "Roles", roles, EVERYBODY, RolesState.open, "ops"),
    Route("/ops/health", "Health", health, MACHINES, HealthState.open, "ops"),
    Route("/ops/settings", "Settings", installation, MACHINES, InstallationState.open, "ops"),
    Route("/ops/policies", "Policies", policies, RULES, PoliciesState.open, "ops"),
    Route("/ops/policies/[version]", "Policy", policy, RULES, PolicyState.open, "ops"),
    Route("/ops/engines", "Engines", engines, RULES, EnginesState.open, "ops"),
    Route("/ops/audit", "Audit log", audit_log, WATCHERS, LOG_OPENS, "ops"),
    Route("/ops/audit/[event]", "Audit log", audit_log, WATCHERS, LOG_OPENS, "ops"),
    Route("/ops/sla", "SLA", sla, RULES, SlaState.open, "ops"),
    Route("/ops/security", "Security", security, WATCHES, SECURITY_OPENS, "ops"),
    Route("/ops/retention", "Retention", retention, KEEPING, RETENTION_OPENS, "ops"),
)
PRODUCT = "Partner Backoffice"
NO_PAGE = "404"
"""What Reflex shows for an address that no page has: there the server answers, see `api/missing_pages.py`."""


def add_pages(app: rx.App) -> None:
    """Give the app its pages, and the doors their audiences."""
    for route in ROUTES:
        pages.add(route.path, route.audience)
    for route in ROUTES:
        shown = _shown(route)
        opening = [] if route.audience.is_public else [SessionState.enter]
        opening += [BellState.open] if route.workspace == "partner" else []
        opening += route.on_load if isinstance(route.on_load, list) else [route.on_load] if route.on_load else []
        looks.belongs(route.path, [one.fn for one in opening])
        app.add_page(shown, route=route.path, title=f"{route.title} · {PRODUCT}", on_load=opening)
    app.add_page(leave, route=NO_PAGE, title=PRODUCT)


def _shown(route: Route) -> Callable[[], rx.Component]:
    if not route.workspace:
        return route.page
    return framed(route.page, workspace=route.workspace, flush=route.flush, paused=route.paused)
