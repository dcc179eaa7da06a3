"""Verdicts as labels for whoever trains and assesses a classifier."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from breachpattern.review.register.decisions import KEPT_WHOLE, latest
from breachpattern.review.register.tables import DECISIONS
from breachpattern.review.register.verdicts import labels

COLUMNS = ("finding_id", "course_id", "verdict", "decided_at", "reviewers")


def labels_frame(connection: sa.Connection) -> pd.DataFrame:
    """Return the last verdict on each finding as 1, 0 or not a number, the oldest first."""
    by = sa.select(DECISIONS.c.finding_id, sa.func.count(sa.distinct(DECISIONS.c.reviewer)).label("reviewers"))
    by = by.where(KEPT_WHOLE).group_by(DECISIONS.c.finding_id)
    reviewers = {row.finding_id: row.reviewers for row in connection.execute(by)}
    decided, known = latest(connection), labels()
    return pd.DataFrame(
        {
            "finding_id": pd.Series([d.finding_id for d in decided], dtype="str"),
            "course_id": pd.Series([d.course_id for d in decided], dtype="str"),
            "verdict": pd.Series([known[d.verdict] for d in decided], dtype="float64"),
            "decided_at": pd.to_datetime(pd.Series([d.decided_at for d in decided], dtype="str"), utc=True),
            "reviewers": pd.Series([reviewers[d.finding_id] for d in decided], dtype="int64"),
        }
    )
