"""What a valid row is: Pydantic models of the canonical tables, text in and typed out.

A row goes through :func:`judge`, which sets the cells aside that cannot be read and says why. Whole columns are
checked elsewhere (:mod:`breachpattern.ingest`) with the same readers of cells, and agree with the models.
"""

from breachpattern.records.cells import Reading
from breachpattern.records.judge import Problem, Verdict, judge, judge_cell
from breachpattern.records.models import MODELS, Association, Incident, Order, Person, Row
from breachpattern.records.schema import json_schema

__all__ = [
    "MODELS",
    "Association",
    "Incident",
    "Order",
    "Person",
    "Problem",
    "Reading",
    "Row",
    "Verdict",
    "json_schema",
    "judge",
    "judge_cell",
]
