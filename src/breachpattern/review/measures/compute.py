"""From an analysis to its audit: every measure with its numerator, denominator, interval, divisions and record list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from breachpattern.output.summary import issues_summary, versions_of
from breachpattern.review.measures import ledgers
from breachpattern.review.measures.actions import Actions
from breachpattern.review.measures.audit import HEAD, TAIL, Audit
from breachpattern.review.measures.definitions import Definition, definitions
from breachpattern.review.measures.facts import Facts
from breachpattern.review.measures.ledger import COLUMNS, MEASURES
from breachpattern.review.measures.rates import WITHHELD, rates, whole
from breachpattern.review.measures.run_charts import month_of, run_charts
from breachpattern.review.measures.verdicts import Verdicts, read_verdicts

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis
    from breachpattern.review.register import Register

Progress = Callable[[str, int, int | None], None]
_ = ledgers  # importing them registers the measures


def audit(
    analysis: Analysis,
    *,
    actions: Actions | None = None,
    register: Register | str | None = None,
    on_progress: Progress | None = None,
) -> Audit:
    """Return the compliance measures of an analysis.

    Parameters
    ----------
    analysis : Analysis
        Of an extract read with ``keep_narrative=True`` where the measures may look into free text; none of it is
        written anywhere.
    actions : Actions, optional
        Risk assessments, decisions and arrests: see :func:`~breachpattern.review.measures.read_actions`.
    register : Register or str, optional
        What reviewers decided, or the address of a register: breaches that they confirmed count as such, and what they
        found to be harassment only counts for nothing in M5. ``verdicts`` then says what that changed.
    on_progress : callable, optional
        Called with (stage, done, total): measures that are computed.

    Returns
    -------
    Audit
        A measure that cannot be computed says which column is missing.
    """
    report = on_progress or (lambda *_: None)
    report("measures", 0, len(definitions()))
    decided = _verdicts(register, analysis)
    facts, law = Facts(analysis, actions or Actions.none(), decided), analysis.timelines.catalogue
    tables, records = [], []
    for definition, ledger, missing in _ledgers(facts):
        table = _not_computed() if ledger is None else rates(definition, ledger)
        said_of: dict[str, Any] = {
            "measure": definition.id,
            "name": definition.name,
            "title": definition.title,
            "look_back_days": definition.looks_back or pd.NA,
            "status": "not computed" if missing else "computed",
            "missing": missing,
            "note": "" if decided.given or missing else definition.without_register,
        }
        tables.append(table.assign(**said_of))
        if ledger is not None:
            records.append(ledger.assign(measure=definition.id))
        if len(tables) < len(definitions()):
            report("measures", len(tables), len(definitions()))
    text = dict.fromkeys(("of", "category"), "string")
    columns = [*HEAD, "by", "of", "category", *WITHHELD, *TAIL]
    measures = pd.concat(tables, ignore_index=True)[columns].astype(text | {"look_back_days": "Int64"})
    counted = ["measure", *COLUMNS]
    return Audit(
        measures=measures,
        records=pd.concat(records, ignore_index=True)[counted] if records else pd.DataFrame(columns=counted),
        runs=run_charts(measures, month_of(facts.now)),
        verdicts=_difference(measures, replace(facts, verdicts=Verdicts()) if decided.given else None),
        as_of=analysis.as_of,
        provenance={
            "inputs": dict(analysis.extract.sources),
            "rows": dict(analysis.extract.rows),
            "issues": issues_summary(analysis.issues),
            "versions": versions_of(law, {"catalogue": law.version}),
            "actions": {
                "rows_in": facts.actions.rows_in,
                "accepted": len(facts.actions.frame),
                "issues": len(facts.actions.issues),
            },
            "register": dict(decided.counts) if decided.given else None,
        },
        action_issues=facts.actions.issues,
    )


def _verdicts(register: Register | str | None, analysis: Analysis) -> Verdicts:
    if register is None:
        return Verdicts()
    if not isinstance(register, str):
        return read_verdicts(register, analysis)
    from breachpattern.review.register import Register as Opened

    with Opened(register, create=False) as opened:
        return read_verdicts(opened, analysis)


def _ledgers(facts: Facts) -> Iterator[tuple[Definition, pd.DataFrame | None, str]]:
    """Yield every measure with its ledger, or with what is missing for it."""
    for key, definition in definitions().items():
        missing = ";".join(facts.missing(definition.needs))
        yield definition, None if missing else MEASURES[key](facts), missing


_COUNTS = ["numerator", "denominator"]


def _difference(measures: pd.DataFrame, without: Facts | None) -> pd.DataFrame:
    """Return the measures over everything that verdicts changed, beside what they would be without."""
    columns = [*HEAD, "category", *_COUNTS, *(f"{name}_without" for name in _COUNTS)]
    if without is None:
        return pd.DataFrame(columns=columns)
    tables = [
        whole(definition, ledger).assign(measure=definition.id)
        for definition, ledger, _ in _ledgers(without)
        if ledger is not None
    ]
    before = pd.concat(tables, ignore_index=True)[["measure", "category", *_COUNTS]]
    before = before.astype({"category": "string"} | dict.fromkeys(_COUNTS, "Int64"))
    now = measures.loc[measures["by"] == "all", [*HEAD, "category", *_COUNTS]]
    both = now.merge(before, on=["measure", "category"], how="left", suffixes=("", "_without"))
    both = both.fillna(dict.fromkeys(columns[4:], 0))  # a part of a mix that is there only with them, or without
    differs = np.zeros(len(both), np.bool_)
    for name in _COUNTS:
        differs |= both[name].ne(both[f"{name}_without"]).to_numpy(bool)
    return both[differs][columns].reset_index(drop=True)


def _not_computed() -> pd.DataFrame:
    blank = dict.fromkeys(WITHHELD, np.nan)
    row = {"by": "all", "of": "", "category": ""} | blank
    return pd.DataFrame([row]).astype({"numerator": "Int64", "denominator": "Int64"})
