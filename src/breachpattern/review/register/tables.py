"""The tables of the register, as its newest schema has them (``migrations`` makes them)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

SCHEMA = "0001"  # the newest revision
VERSION_TABLE = "review_schema"
METADATA = MetaData()
# SQLite counts up only what is called INTEGER; every id is given by hand all the same, so that none can be missing.
_ID = BigInteger().with_variant(Integer, "sqlite")

# What was done, when, by whom, of what kind, how much of it; never about whom.
LOG = Table(
    "review_log",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("counts", Text, nullable=False),
    Column("content", String(64), nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
)
# One row for each decision. What a purge empties is nullable; a row itself never goes.
DECISIONS = Table(
    "review_decisions",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("log_id", _ID, nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("decided_at", String(32), nullable=False, index=True),
    Column("purged_in", _ID),
    Column("finding_id", String(64), index=True),
    Column("goes_on_from", String(64)),
    Column("seen", _ID),
    Column("corrects", _ID),
    Column("verdict", String(32)),
    Column("reason", String(64)),
    Column("text", Text),
    Column("reviewer", Text),
    Column("evidence_hash", String(64)),
    Column("evidence", Text),
    Column("pattern", String(128)),
    Column("level", String(32)),
    Column("course_id", String(64)),
    Column("package_version", String(64)),
    Column("catalogue_version", String(64)),
    Column("patterns_version", Text),
    Column("as_of", String(32)),
    Column("salt", String(32)),
)
KEPT = ("id", "log_id", "digest", "decided_at", "purged_in")
PURGED = tuple(column.name for column in DECISIONS.columns if column.name not in KEPT)
# What the digest of a decision covers: all of it but where it stands in the log, and the digest itself.
DIGESTED = ("id", "decided_at", *PURGED)
