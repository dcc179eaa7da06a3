"""Evidence: which rows are conduct of a known suspect towards a known, different victim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import Bools, Columns, Ints
from breachpattern.spans import DAY
from breachpattern.timelines.nexus import signal_table
from breachpattern.vocabulary import BEHAVIOURS, INCIDENT_KINDS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

NOT_TOWARDS_A_PERSON = BEHAVIOURS.mask(["notification_failure", "requirement_failure", "curfew_failure"])


def evidence_rows(columns: Columns, catalogue: Catalogue) -> Ints:
    """Return the rows that are conduct of a known suspect towards a known, different victim.

    A cancelled record carries no weight; failing to notify or to comply is conduct towards nobody; a custody
    record that says no more than its offence is an arrest for conduct, and stands for that conduct only where its
    offence says what was done, or that an order was broken, and nothing else is on record.

    Parameters
    ----------
    columns : Columns
    catalogue : Catalogue
        Says which offences are context and no act towards the victim (absconding), which are breaches, and
        which behaviours each implies.
    """
    offences = [catalogue.offences[o] for o in catalogue.offence_ids]
    context = np.array([o.role == "context" for o in offences] + [False])[columns.offence]
    breach = np.array([bool(o.breach_of) for o in offences] + [False])[columns.offence]
    done = columns.behaviours | columns.possible
    conduct = (
        (columns.suspect >= 0)
        & (columns.victim >= 0)
        & (columns.suspect != columns.victim)
        & ~columns.cancelled
        & ((done == 0) | (done & ~NOT_TOWARDS_A_PERSON != 0))
        & ~((columns.behaviours == 0) & context)
    )
    arrest = are_arrests(columns, catalogue)
    only_trace = conduct & arrest & (breach | (columns.behaviours != 0))
    conduct &= ~arrest
    conduct[only_trace] = ~_recorded_before(columns, np.flatnonzero(only_trace), np.flatnonzero(conduct))
    return np.flatnonzero(conduct)


def are_arrests(columns: Columns, catalogue: Catalogue) -> Bools:
    """Return which rows say no more than that somebody was arrested: custody records without acts of their own."""
    offences = [catalogue.offences[o] for o in catalogue.offence_ids]
    implied = np.array([BEHAVIOURS.mask(o.behaviours) for o in offences] + [0], dtype=np.int64)[columns.offence]
    return np.asarray((columns.kind == INCIDENT_KINDS.index("custody")) & (columns.behaviours & ~implied == 0))


def _recorded_before(columns: Columns, arrests: Ints, others: Ints) -> Bools:
    """Return which arrests have another record of the two people that begins shortly before or within them."""
    since = columns.start[arrests] - int(signal_table().rule.arrest_days * DAY)
    pair = columns.suspect[arrests], columns.victim[arrests]
    return count_between(columns, others, *pair, since, columns.end[arrests]) > 0


def count_between(
    columns: Columns, rows: Ints, suspect: npt.NDArray[Any], victim: npt.NDArray[Any], since: Ints, until: Ints
) -> Ints:
    """Count the rows of each suspect towards a victim that begin in ``[since, until)``; ``rows`` ascend."""
    if len(rows) == 0 or len(suspect) == 0:
        return np.zeros(len(suspect), np.int64)
    base = int(columns.start[rows].min())
    width = np.int64(int(columns.start[rows].max()) - base + 2)
    # People are compressed so that the composite key cannot overflow.
    pairs, compact = np.unique(pair_key(columns, columns.suspect[rows], columns.victim[rows]), return_inverse=True)
    key = compact * width + (columns.start[rows] - base)
    wanted = pair_key(columns, suspect, victim)
    place = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    low, high = (np.searchsorted(key, place * width + np.clip(t - base, 0, width - 1)) for t in (since, until))
    return np.where(pairs[place] == wanted, high - low, 0).astype(np.int64)


def pair_key(columns: Columns, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> Ints:
    """Return one number for two people, in their order."""
    return np.asarray(first.astype(np.int64) * (len(columns.names.persons) + 1) + second, dtype=np.int64)
