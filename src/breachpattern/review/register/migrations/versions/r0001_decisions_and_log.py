"""Decisions and the log, both append-only: a row of the log never changes, one of a decision only by being purged.

The tables are spelt out here, not taken from ``tables.py``: that moves on, and this stays what it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
FROZEN = ("id", "log_id", "digest", "decided_at")
SAID = {
    "log": "the log of the register is append-only",
    "delete": "a decision is never deleted, only purged",
    "update": "a decision is never changed, only purged or followed by another",
}


def upgrade() -> None:
    """Make the tables and what guards them."""
    op.create_table(
        "review_log",
        sa.Column("id", ID, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False, unique=True),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    op.create_table(
        "review_decisions",
        sa.Column("id", ID, primary_key=True, autoincrement=False),
        sa.Column("log_id", ID, sa.ForeignKey("review_log.id"), nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("decided_at", sa.String(32), nullable=False, index=True),
        sa.Column("purged_in", ID),
        sa.Column("finding_id", sa.String(64), index=True),
        sa.Column("goes_on_from", sa.String(64)),
        sa.Column("seen", ID),
        sa.Column("corrects", ID),
        sa.Column("verdict", sa.String(32)),
        sa.Column("reason", sa.String(64)),
        sa.Column("text", sa.Text),
        sa.Column("reviewer", sa.Text),
        sa.Column("evidence_hash", sa.String(64)),
        sa.Column("evidence", sa.Text),
        sa.Column("pattern", sa.String(128)),
        sa.Column("level", sa.String(32)),
        sa.Column("course_id", sa.String(64)),
        sa.Column("package_version", sa.String(64)),
        sa.Column("catalogue_version", sa.String(64)),
        sa.Column("patterns_version", sa.Text),
        sa.Column("as_of", sa.String(32)),
        sa.Column("salt", sa.String(32)),
        # Two decisions that both saw the same one last cannot both stand, whatever the process that wrote them.
        sa.UniqueConstraint("finding_id", "seen", name="review_decisions_follow"),
    )
    {"sqlite": _guard_sqlite, "postgresql": _guard_postgresql}[op.get_bind().dialect.name]()


def _guard_sqlite() -> None:
    same = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FROZEN)
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER review_log_no_{event.lower()} BEFORE {event} ON review_log "
            f"BEGIN SELECT RAISE(ABORT, '{SAID['log']}'); END"
        )
    op.execute(
        "CREATE TRIGGER review_decisions_no_delete BEFORE DELETE ON review_decisions "
        f"BEGIN SELECT RAISE(ABORT, '{SAID['delete']}'); END"
    )
    op.execute(
        "CREATE TRIGGER review_decisions_no_update BEFORE UPDATE ON review_decisions "
        f"WHEN OLD.purged_in IS NOT NULL OR NEW.purged_in IS NULL OR NEW.salt IS NOT NULL OR {same} "
        f"BEGIN SELECT RAISE(ABORT, '{SAID['update']}'); END"
    )


def _guard_postgresql() -> None:
    same = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in FROZEN)
    op.execute(
        "CREATE FUNCTION review_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"
    )
    for event in ("UPDATE", "DELETE", "TRUNCATE"):
        each = "STATEMENT" if event == "TRUNCATE" else "ROW"
        op.execute(
            f"CREATE TRIGGER review_log_no_{event.lower()} BEFORE {event} ON review_log "
            f"FOR EACH {each} EXECUTE FUNCTION review_refuse('{SAID['log']}')"
        )
    for event, each in (("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER review_decisions_no_{event.lower()} BEFORE {event} ON review_decisions "
            f"FOR EACH {each} EXECUTE FUNCTION review_refuse('{SAID['delete']}')"
        )
    op.execute(
        "CREATE TRIGGER review_decisions_no_update BEFORE UPDATE ON review_decisions FOR EACH ROW "
        f"WHEN (OLD.purged_in IS NOT NULL OR NEW.purged_in IS NULL OR NEW.salt IS NOT NULL OR {same}) "
        f"EXECUTE FUNCTION review_refuse('{SAID['update']}')"
    )
