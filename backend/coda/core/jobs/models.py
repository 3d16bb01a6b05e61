"""PgQueuer's four tables under our names. Global: ids, names, times and states, never content."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ENUM, JSONB

from coda.core.db import Base

STATUSES = ("queued", "picked", "successful", "exception", "canceled", "deleted", "failed")

_STATUS = ENUM(*STATUSES, name="job_status", create_type=False)
_NOW = func.now()
_QUEUED = text("status = 'queued'")
_PICKED = text("status = 'picked'")


def _moment(name: str, *, is_optional: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=is_optional, server_default=None if is_optional else _NOW)


jobs = Table(
    "jobs",
    Base.metadata,
    Column("id", BigInteger, primary_key=True),
    Column("priority", Integer, nullable=False),
    Column("queue_manager_id", Uuid),
    _moment("created"),
    _moment("updated"),
    _moment("heartbeat"),
    _moment("execute_after"),
    Column("status", _STATUS, nullable=False),
    Column("entrypoint", Text, nullable=False),
    Column("dedupe_key", Text),
    Column("payload", LargeBinary),
    Column("headers", JSONB),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("slot", BigInteger),
    Index("jobs_ep_ea_idx", "entrypoint", "execute_after", postgresql_where=_QUEUED),
    Index("jobs_ep_prio_id_idx", "entrypoint", text("priority desc"), "id", postgresql_where=_QUEUED),
    Index("jobs_picked_heartbeat_idx", "heartbeat", postgresql_where=_PICKED),
    Index(
        "jobs_picked_slot_idx",
        "entrypoint",
        "slot",
        unique=True,
        postgresql_where=text("status = 'picked' and slot is not null"),
    ),
    Index(
        "jobs_priority_id_id1_idx",
        "priority",
        text("id desc"),
        postgresql_include=["id"],
        postgresql_where=_QUEUED,
    ),
    Index("jobs_queue_manager_id_idx", "queue_manager_id", postgresql_where=text("queue_manager_id is not null")),
    Index(
        "jobs_unique_dedupe_key",
        "dedupe_key",
        unique=True,
        postgresql_where=text("status in ('queued', 'picked') and dedupe_key is not null"),
    ),
    Index("jobs_updated_id_id1_idx", "updated", text("id desc"), postgresql_include=["id"], postgresql_where=_PICKED),
)

job_log = Table(
    "job_log",
    Base.metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _moment("created"),
    Column("job_id", BigInteger, nullable=False),
    Column("status", _STATUS, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("entrypoint", Text, nullable=False),
    Column("traceback", JSONB),
    Column("aggregated", Boolean, server_default=text("false")),
    Index("job_log_created", "created"),
    Index("job_log_job_id_status", "job_id", text("created desc")),
    Index("job_log_not_aggregated", text("(1)"), postgresql_where=text("not aggregated")),
    Index("job_log_status", "status"),
)

job_statistics = Table(
    "job_statistics",
    Base.metadata,
    Column("id", BigInteger, primary_key=True),
    Column("created", DateTime(timezone=True), nullable=False, server_default=text("date_trunc('sec'::text, now())")),
    Column("count", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("status", _STATUS, nullable=False),
    Column("entrypoint", Text, nullable=False),
    Index(
        "job_statistics_unique_count",
        "priority",
        text("date_trunc('sec'::text, timezone('UTC'::text, created))"),
        "status",
        "entrypoint",
        unique=True,
    ),
)

job_schedules = Table(
    "job_schedules",
    Base.metadata,
    Column("id", BigInteger, primary_key=True),
    Column("expression", Text, nullable=False),
    Column("entrypoint", Text, nullable=False),
    _moment("heartbeat"),
    _moment("created"),
    _moment("updated"),
    _moment("next_run"),
    _moment("last_run", is_optional=True),
    Column("status", _STATUS, server_default=text("'queued'")),
    UniqueConstraint("expression", "entrypoint", name="job_schedules_expression_entrypoint_key"),
)
