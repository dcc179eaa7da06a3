"""Scoring on Spark, for extracts that outgrow a machine: :func:`score` takes and gives data frames of Spark.

Spark reads, finds what is connected, brings the rows of connected people together and ranks; every bucket is scored by
:func:`breachpattern.buckets.score_bucket`, as on one machine. PySpark is loaded on first use.
"""

from breachpattern.spark.scored import Scored
from breachpattern.spark.scoring import score

__all__ = ["Scored", "score"]
