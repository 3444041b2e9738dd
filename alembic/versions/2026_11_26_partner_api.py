"""The whole partner API: rotating key secrets, a walkable event list, usage, uploads, erasure, the test clock."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "partner_api"
down_revision = "delivery_indexes"
branch_labels = None
depends_on = None

TENANT_TABLES = ("api_requests", "usage_counters", "erasure_requests", "api_key_secrets", "uploads")
SEE_ALL = "select set_config('app.everyone', 'on', true)"
"""The owner is bound by row-level security, too: without this it would move nothing, and say nothing."""
MOVE_SECRETS = """
insert into api_key_secrets (id, created_at, partner_id, key_id, lookup, secret_hmac, pepper_version, last_four, state,
                             grace_seconds, activated_at, last_used_at, last_used_ip)
select gen_random_uuid(), created_at, partner_id, id, lookup, secret_hmac, pepper_version, last_four, 'active',
       0, created_at, last_used_at, last_used_ip
from api_keys
"""
PLACE_EVENTS = """
alter table events disable trigger append_only;
update events set position = placed.position
from (select id, max(transaction_id) over (partition by subject_id order by sequence) as position from events) placed
where placed.id = events.id;
alter table events enable trigger append_only;
update event_counters c set last_position = e.last
from (select subject_id, max(position) as last from events group by subject_id) e where e.subject_id = c.subject_id;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(SEE_ALL)
    op.create_table(
        "api_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("method", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("route", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("ip", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("request_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("request_bytes", sa.Integer(), nullable=False),
        sa.Column("is_replay", sa.Boolean(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_api_requests_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_requests")),
    )
    op.create_index("ix_api_requests_age", "api_requests", ["created_at"], unique=False)
    op.create_index("ix_api_requests_key", "api_requests", ["key_id", "id"], unique=False)
    op.create_index("ix_api_requests_newest", "api_requests", ["partner_id", "livemode", "id"], unique=False)
    op.create_index("ix_api_requests_request", "api_requests", ["partner_id", "request_id"], unique=False)
    op.create_table(
        "usage_counters",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("metric", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("used", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told_percent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("exceeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_usage_counters_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "livemode", "metric", "month", name=op.f("pk_usage_counters")),
    )
    op.create_table(
        "erasure_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_by_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id", "applicant_id"],
            ["applicants.partner_id", "applicants.id"],
            name=op.f("fk_erasure_requests_partner_id_applicant_id"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_erasure_requests_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_requests")),
        sa.UniqueConstraint("partner_id", "id", name=op.f("uq_erasure_requests_partner_id_id")),
    )
    op.create_index("ix_erasure_requests_newest", "erasure_requests", ["partner_id", "livemode", "id"], unique=False)
    op.create_index("uq_erasure_requests_applicant", "erasure_requests", ["applicant_id"], unique=True)
    op.create_table(
        "api_key_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("lookup", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("secret_hmac", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("pepper_version", sa.Integer(), nullable=False),
        sa.Column("last_four", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_uses", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_ip", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "key_id"],
            ["api_keys.partner_id", "api_keys.id"],
            name=op.f("fk_api_key_secrets_partner_id_key_id"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_api_key_secrets_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key_secrets")),
        sa.UniqueConstraint("lookup", name=op.f("uq_api_key_secrets_lookup")),
    )
    op.create_index("ix_api_key_secrets_key", "api_key_secrets", ["key_id", "id"], unique=False)
    op.create_index(
        "uq_api_key_secrets_state",
        "api_key_secrets",
        ["key_id", "state"],
        unique=True,
        postgresql_where="state <> 'retiring'",
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("side", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("storage_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id", "document_id"],
            ["documents.partner_id", "documents.id"],
            name=op.f("fk_uploads_partner_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_uploads_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_expires", "uploads", ["expires_at"], unique=False)
    op.create_index("uq_uploads_position", "uploads", ["document_id", "position"], unique=True)
    op.add_column("api_keys", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("api_keys", "version", server_default=None)
    op.add_column(
        "api_keys", sa.Column("denied_attributes", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False)
    )
    op.add_column("api_keys", sa.Column("expiring_told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(MOVE_SECRETS)
    op.drop_constraint(op.f("uq_api_keys_lookup"), "api_keys", type_="unique")
    op.drop_column("api_keys", "secret_hmac")
    op.drop_column("api_keys", "pepper_version")
    op.add_column("attempts", sa.Column("connected_ms", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("first_byte_ms", sa.Integer(), nullable=True))
    op.add_column(
        "attempts", sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
    )
    op.alter_column("attempts", "address", server_default=None)
    op.add_column("attempts", sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_documents_expires", "documents", ["expires_at"], unique=False, postgresql_where="expires_at is not null"
    )
    op.add_column("event_counters", sa.Column("last_position", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("events", sa.Column("position", sa.BigInteger(), server_default="0", nullable=False))
    op.execute(PLACE_EVENTS)
    op.create_index("ix_events_walk", "events", ["partner_id", "livemode", "position", "sequence", "id"], unique=False)
    op.add_column("partners", sa.Column("test_clock_seconds", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("review_tasks", sa.Column("sla_warned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("review_tasks", sa.Column("sla_breached_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_review_tasks_late",
        "review_tasks",
        ["due_at"],
        unique=False,
        postgresql_where="status <> 'completed' and sla_breached_at is null",
    )
    op.add_column("verifications", sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("webhook_endpoints", sa.Column("failing_told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "webhook_endpoints", sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("webhook_endpoints", sa.Column("max_per_second", sa.Integer(), nullable=True))
    op.add_column("webhook_endpoints", sa.Column("throttle_from", sa.DateTime(timezone=True), nullable=True))
    op.execute("delete from idempotency_records")  # yesterday's answers; from now on they are sealed
    op.drop_column("idempotency_records", "body")
    op.add_column("idempotency_records", sa.Column("body_box", sa.LargeBinary(), nullable=False))
    for table in TENANT_TABLES:
        _protect(table)


def _protect(table: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    rule = "partner_id = (select app_partner()) or (select app_everyone())"
    op.execute(f"create policy tenant on {table} using ({rule}) with check ({rule})")


def downgrade() -> None:
    op.execute(SEE_ALL)
    op.execute("delete from idempotency_records")
    op.drop_column("idempotency_records", "body_box")
    op.add_column("idempotency_records", sa.Column("body", postgresql.JSONB(), nullable=False))
    op.drop_column("webhook_endpoints", "throttle_from")
    op.drop_column("webhook_endpoints", "max_per_second")
    op.drop_column("webhook_endpoints", "is_paused")
    op.drop_column("webhook_endpoints", "failing_told_at")
    op.drop_column("verifications", "canceled_at")
    op.drop_index(
        "ix_review_tasks_late",
        table_name="review_tasks",
        postgresql_where="status <> 'completed' and sla_breached_at is null",
    )
    op.drop_column("review_tasks", "sla_breached_at")
    op.drop_column("review_tasks", "sla_warned_at")
    op.drop_column("partners", "test_clock_seconds")
    op.drop_index("ix_events_walk", table_name="events")
    op.drop_column("events", "position")
    op.drop_column("event_counters", "last_position")
    op.drop_index("ix_documents_expires", table_name="documents", postgresql_where="expires_at is not null")
    op.drop_column("documents", "expires_at")
    op.drop_column("attempts", "next_attempt_at")
    op.drop_column("attempts", "address")
    op.drop_column("attempts", "first_byte_ms")
    op.drop_column("attempts", "connected_ms")
    op.add_column("api_keys", sa.Column("pepper_version", sa.INTEGER(), nullable=False, server_default="1"))
    op.add_column("api_keys", sa.Column("secret_hmac", sa.VARCHAR(), nullable=False, server_default=""))
    op.execute(
        "update api_keys k set pepper_version = s.pepper_version, secret_hmac = s.secret_hmac"
        " from api_key_secrets s where s.key_id = k.id and s.state = 'active'"
    )
    op.create_unique_constraint(op.f("uq_api_keys_lookup"), "api_keys", ["lookup"])
    op.drop_column("api_keys", "expiring_told_at")
    op.drop_column("api_keys", "denied_attributes")
    op.drop_column("api_keys", "version")
    op.drop_index("uq_uploads_position", table_name="uploads")
    op.drop_index("ix_uploads_expires", table_name="uploads")
    op.drop_table("uploads")
    op.drop_index("uq_api_key_secrets_state", table_name="api_key_secrets", postgresql_where="state <> 'retiring'")
    op.drop_index("ix_api_key_secrets_key", table_name="api_key_secrets")
    op.drop_table("api_key_secrets")
    op.drop_index("uq_erasure_requests_applicant", table_name="erasure_requests")
    op.drop_index("ix_erasure_requests_newest", table_name="erasure_requests")
    op.drop_table("erasure_requests")
    op.drop_table("usage_counters")
    op.drop_index("ix_api_requests_request", table_name="api_requests")
    op.drop_index("ix_api_requests_newest", table_name="api_requests")
    op.drop_index("ix_api_requests_key", table_name="api_requests")
    op.drop_index("ix_api_requests_age", table_name="api_requests")
    op.drop_table("api_requests")
