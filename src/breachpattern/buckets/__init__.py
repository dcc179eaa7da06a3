"""Buckets: an extract that is split by connected people, scored part by part, and brought together again.

:func:`score_bucket` is the whole way of one bucket, a pure function from Arrow tables to Arrow tables.
"""

from breachpattern.buckets.bucket import SCHEMAS, Setting, score_bucket

__all__ = ["SCHEMAS", "Setting", "score_bucket"]
