"""A fictional force with known truth: put together, held, written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import index
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.output.files import write_table
from breachpattern.output.folder import write_whole
from breachpattern.output.run import check_format
from breachpattern.simulation.acts import happen
from breachpattern.simulation.breaking import broken_orders
from breachpattern.simulation.census import Census
from breachpattern.simulation.clock import period_of
from breachpattern.simulation.conduct import describe
from breachpattern.simulation.draws import Draws
from breachpattern.simulation.further import unknown_suspects, with_further
from breachpattern.simulation.laying import laid_among, whole_truth
from breachpattern.simulation.nominals import nominals, persons_table
from breachpattern.simulation.parameters import parameters
from breachpattern.simulation.recording import Town, records_of_acts
from breachpattern.simulation.records import Records, together
from breachpattern.simulation.register import register
from breachpattern.simulation.stories import read_stories
from breachpattern.simulation.tables import (
    Names,
    associations_table,
    incident_names,
    incidents_table,
    is_named,
    order_names,
    orders_table,
    ties_on_file,
    with_repeats,
)
from breachpattern.simulation.told import tell, told_tables
from breachpattern.simulation.truth import truth_tables
from breachpattern.simulation.units import make_units

FEWEST = 100
ABOUT = "simulation.json"


@dataclass(frozen=True)
class Simulation:
    """The tables of an invented force, and the truth behind them.

    Attributes
    ----------
    incidents, orders, persons, associations : pyarrow.Table
        Text in the canonical columns, as a file would hold it.
    truth : mapping of str to pyarrow.Table
        ``incidents``, ``campaigns``, ``units``, ``dyads``, ``breaches``, ``orders``, ``persons``.
    settings : mapping
        ``incidents``, ``seed``, ``quiet_town``; ``since``, ``until`` and ``stories`` where they were given.
    """

    incidents: pa.Table
    orders: pa.Table
    persons: pa.Table
    associations: pa.Table
    truth: Mapping[str, pa.Table]
    settings: Mapping[str, Any]

    def __repr__(self) -> str:
        kind = "quiet town" if self.settings["quiet_town"] else f"{self.truth['campaigns'].num_rows:,} campaigns"
        return (
            f"<Simulation: {self.settings['incidents']:,} incidents, {self.orders.num_rows:,} rows of orders, "
            f"{self.persons.num_rows:,} persons, {kind}; seed {self.settings['seed']}>"
        )

    def tables(self) -> dict[str, pa.Table]:
        """Return the four tables of the extract by name, as `read_extract` takes them."""
        return {
            "incidents": self.incidents,
            "orders": self.orders,
            "persons": self.persons,
            "associations": self.associations,
        }

    def write(self, folder: str | Path, format: str = "csv") -> Path:
        """Write the tables, the truth and a README into a folder, whole or not at all, and return its path.

        Parameters
        ----------
        folder : str or Path
            New, empty, or a former simulation, which is replaced.
        format : {"csv", "parquet", "jsonl"}, default "csv"

        Raises
        ------
        UsageError
            Where the format is unknown.
        OutputError
            Where the folder is not ours to replace or cannot be written.
        """
        check_format(format)
        folder = Path(folder)

        def fill(target: Path) -> None:
            for name, table in self.tables().items():
                write_table(table, target, name, format)
            (target / "truth").mkdir()
            for name, table in self.truth.items():
                write_table(table, target / "truth", name, format)
            (target / "README.md").write_text(_readme(self, format), encoding="utf-8", newline="\n")
            files = sorted([ABOUT, *(path.name for path in target.iterdir())])
            about = {"versions": {"breachpattern": _version()}, "settings": dict(self.settings), "files": files}
            (target / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8", newline="\n")

        write_whole(folder, fill, told_by=ABOUT)
        return folder


def simulate(
    incidents: int,
    seed: int = 0,
    *,
    quiet_town: bool = False,
    since: str | date | None = None,
    until: str | date | None = None,
    stories: str | Path | Mapping[str, Any] | None = None,
) -> Simulation:
    """Return the tables of an invented force, and the truth behind them.

    Parameters
    ----------
    incidents : int
        How many incidents the extract holds, at least 100; some have several rows, some rows stand in it twice.
    seed : int, default 0
        Not negative. The same seed gives the same tables, byte for byte.
    quiet_town : bool, default False
        No campaigns at all: everyday life and its disputes, with orders that are obeyed or broken once.
    since, until : str or datetime.date, optional
        The first and the last day that the extract covers; from the first day of 2016 to the last of 2025 unless told.
    stories : str, Path or mapping, optional
        A file of told stories (or what it holds), which stand among the drawn ones and count as incidents.

    Raises
    ------
    UsageError
        Where a number or a day is not one that can be, or the stories are more than the incidents leave room for.
    InputError
        Where the stories cannot be read or do not fit together.

    Examples
    --------
    >>> town = simulate(100, seed=7)
    >>> len(set(town.incidents["incident_id"].to_pylist()))
    100
    >>> simulate(100, seed=7).incidents.equals(town.incidents)
    True
    """
    incidents, seed = _whole(incidents, "incidents", FEWEST), _whole(seed, "seed", 0)
    period = period_of(since, until)
    settings: dict[str, Any] = {"incidents": incidents, "seed": seed, "quiet_town": bool(quiet_town)}
    settings |= {name: str(day)[:10] for name, day in (("since", since), ("until", until)) if day is not None}
    stories_told = None if stories is None else read_stories(stories)
    if stories_told is not None:
        settings["stories"] = len(stories_told.units)
        incidents -= len(stories_told.numbers)
        if incidents < FEWEST:
            raise UsageError(
                f"The stories tell {len(stories_told.numbers)} incidents, and {incidents} are left to be drawn.",
                where="incidents",
                hint=f"Give {len(stories_told.numbers) + FEWEST} or more.",
            )
    census = Census(Draws(seed, "census"))
    units = make_units(incidents, census, Draws(seed, "units"), quiet_town=quiet_town, period=period)
    acts, police = happen(units, Draws(seed, "acts"), period)
    conduct = describe(units, acts, census, Draws(seed, "conduct"))
    orders = police.orders()
    held = register(units, conduct, orders, Draws(seed, "register"), period)
    town = Town(units, acts, conduct, orders, held, broken_orders(units, acts, conduct, orders, held), period)
    records, additional = records_of_acts(town, Draws(seed, "recording"))
    records = with_further(records, additional, town, police.custody(), Draws(seed, "further"))
    records, town = _cut(records, town, incidents)
    missing = incidents - len(np.unique(records.number))
    number = int(records.number.max(initial=0)) + 1
    records = together([records, unknown_suspects(missing, number, census, Draws(seed, "unknown"), period)])
    order = np.lexsort((records.suspect, records.victim, records.why, records.number, records.recorded))
    records = records.at(order)
    told = None if stories_told is None else tell(stories_told, town, records, census)
    humans = census.closed()
    ties = ties_on_file(town, Draws(seed, "ties"))
    seen = nominals(is_named(records, town, ties), len(humans), Draws(seed, "nominals"))
    names = Names(incident_names(records), order_names(town), seen, humans)
    table, repeat = with_repeats(
        incidents_table(records, names, Draws(seed, "references")), records, Draws(seed, "repeats")
    )
    tables = {
        "incidents": table,
        "orders": orders_table(town, records, names, Draws(seed, "orders")),
        "persons": persons_table(seen, humans, parameters()["force"]["name"], Draws(seed, "persons")),
        "associations": associations_table(ties, names, Draws(seed, "associations")),
    }
    if stories_told is None or told is None:
        return Simulation(**tables, truth=truth_tables(town, records, names), settings=settings)
    return Simulation(
        **laid_among(tables, repeat, stories_told, told_tables(stories_told, Draws(seed, "told"))),
        truth=whole_truth(town, records, names, told),
        settings=settings,
    )


def _cut(records: Records, town: Town, incidents: int) -> tuple[Records, Town]:
    """Return records that fit into the extract: where there are too many, it ends earlier."""
    number = np.unique(records.number)
    if len(number) <= incidents:
        return records, town
    told = np.full(int(number.max()) + 1, np.int64(town.period.last))
    np.minimum.at(told, records.number, records.recorded)
    kept = number[np.lexsort((number, told[number]))[:incidents]]
    records = records.at(np.isin(records.number, kept))
    until = records.recorded.max()
    on_file = town.held.on_file & (town.orders.made < until)
    held = town.held.__class__(**{**town.held.__dict__, "on_file": on_file})
    records = records.at(
        np.arange(len(records)),
        breach_of=np.where((records.breach_of >= 0) & on_file[records.breach_of], records.breach_of, -1),
    )
    return records, Town(town.units, town.acts, town.conduct, town.orders, held, town.broken, town.period)


def _whole(value: Any, name: str, least: int) -> int:
    try:
        number = index(value)
    except TypeError:
        number = -1
    if number < least or isinstance(value, bool):
        raise UsageError(f"{value!r} is not a whole number from {least} up.", where=name, hint=f"Give {least} or more.")
    return number


def _version() -> str:
    from importlib.metadata import version

    return version("breachpattern")


def _readme(simulation: Simulation, format: str) -> str:
    s = simulation.settings
    more = " --quiet-town" if s["quiet_town"] else ""
    more += "".join(f" --{name} {s[name]}" for name in ("since", "until") if name in s)
    more += " --stories FILE" if "stories" in s else ""
    told = " or told in a story" if "stories" in s else ""
    rows = "\n".join(f"| `{name}.{format}` | {table.num_rows:,} |" for name, table in simulation.tables().items())
    truth = "\n".join(f"| `truth/{name}.{format}` | {table.num_rows:,} |" for name, table in simulation.truth.items())
    return f"""# {parameters()["force"]["name"]}: invented

A police force that does not exist. Everybody and everything here was drawn by a computer{told}: postcodes begin with
ZZ, telephone numbers stand in the range for drama, and those that were drawn have digits more than real ones. Nothing
in it is about anybody.

    breachpattern simulate --incidents {s["incidents"]} --seed {s["seed"]}{more} --out DIR

writes it again, byte for byte. How it was drawn, and where each number comes from: `docs/reference/simulate.md`.

| file | rows |
|---|---|
{rows}
{truth}

The folder `truth` says what no extract can: keep it away from whatever is to be tested.
"""
