"""Write the tables of an invented police force from ``stories.toml`` and ``noise.toml``, and its own export.

Run it with ``python sample_data/generate.py [FOLDER]``. It draws from one seeded generator, so the same two
files give the same tables, byte for byte.
"""

from __future__ import annotations

import csv
import random
import sys
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SEED = 20260630
FORCE = "Northmarch Constabulary"
FIRST_DAY, LAST_DAY = datetime(2023, 1, 2), datetime(2026, 6, 29)
Row = dict[str, str]

COLUMNS = {
    "incidents": [
        "incident_id", "kind", "occurred_from", "occurred_to", "reported_at", "recorded_at", "offence_code",
        "offence_text", "suspect_id", "victim_id", "relationship", "behaviours", "channel", "means",
        "act_count", "occurrence_ref", "breach_of", "postcode", "lat", "lon", "place_role", "impact",
        "reconciled_before", "outcome", "status", "domestic_abuse", "force",
    ],
    "orders": [
        "order_id", "version", "kind", "respondent_id", "protected_id", "made_on", "served_at",
        "aware_from", "starts", "ends", "discharged_on", "without_notice", "origin", "terms",
        "exclusion_postcodes", "exclusion_lat", "exclusion_lon", "exclusion_radius_m", "founded_on",
        "court", "force",
    ],
    "persons": [
        "person_id", "given_name", "surname", "date_of_birth", "sex", "pnc_id", "phone", "postcode",
        "force",
    ],
    "associations": ["person_id", "other_id", "tie", "since"],
}  # fmt: skip


def load(name: str) -> dict[str, Any]:
    """Return one of the two source files."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def story_tables(stories: list[dict[str, Any]]) -> dict[str, list[Row]]:
    """Return the rows that the stories tell, by table."""
    tables: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    for story in stories:
        for person, (given, surname, born, sex, postcode, *more) in story["people"].items():
            tables["persons"].append(
                {
                    "person_id": person,
                    "given_name": given,
                    "surname": surname,
                    "date_of_birth": born,
                    "sex": sex,
                }
                | {"postcode": postcode, "force": FORCE}
                | (more[0] if more else {})
            )
        tables["associations"] += [
            dict(zip(COLUMNS["associations"], tie, strict=True)) for tie in story.get("ties", [])
        ]
        tables["orders"] += [{"force": FORCE} | order for order in story.get("orders", [])]
        tables["incidents"] += [story_incident(story.get("usual", {}), *cells) for cells in story["incidents"]]
    homes = {person["person_id"]: person["postcode"] for person in tables["persons"]}
    for incident in tables["incidents"]:
        if incident.get("place_role") == "victim_home":
            incident["postcode"] = homes[incident["victim_id"]]
    return tables


def story_incident(
    usual: Row,
    incident: str,
    at: str,
    reported: int | str,
    offence: str,
    behaviours: str,
    channel: str,
    more: dict[str, Any] | None = None,
) -> Row:
    """Return one incident: the story's usual columns, its own, and what it says besides."""
    if isinstance(reported, int):
        reported = (datetime.fromisoformat(at) + timedelta(hours=reported, minutes=10)).isoformat(timespec="minutes")
    own = {"incident_id": incident, "occurred_from": at, "reported_at": reported, "offence_code": offence}
    said = {name: str(value) for name, value in (more or {}).items()}
    return {"force": FORCE, "status": "open"} | usual | own | {"behaviours": behaviours, "channel": channel} | said


def recorded(reported: str, hours: int) -> str:
    """Return when something reported was written down: a date stays a date, blank stays blank."""
    if len(reported) <= 10:
        return reported
    return (datetime.fromisoformat(reported) + timedelta(hours=hours)).isoformat(timespec="minutes")


class Town:
    """Draws people, days and places for everything that is nobody's pattern."""

    def __init__(self, names: dict[str, list[str]]) -> None:
        self.random = random.Random(SEED)
        self.names = names
        self.persons: list[Row] = []

    def person(self) -> str:
        """Add somebody new and return the reference."""
        sex = self.random.choice("fm")
        born = datetime(1950, 1, 1) + timedelta(days=self.random.randrange(20_000))
        self.persons.append(
            {
                "person_id": f"P-{1001 + len(self.persons)}",
                "given_name": self.random.choice(self.names[f"given_{sex}"]),
                "surname": self.random.choice(self.names["surname"]),
                "date_of_birth": born.date().isoformat(),
                "sex": sex.upper(),
                "postcode": self.postcode(),
                "force": FORCE,
            }
        )
        return self.persons[-1]["person_id"]

    def postcode(self) -> str:
        """Return a postcode that no place has."""
        letters = "".join(self.random.choice("ABDEFGHJLNPQRSTUWXYZ") for _ in "ab")
        return f"ZZ{self.random.randrange(1, 10)} {self.random.randrange(1, 10)}{letters}"

    def moment(self) -> datetime:
        """Return a time on some day that the tables cover."""
        minutes = int((LAST_DAY - FIRST_DAY).total_seconds()) // 300
        return FIRST_DAY + timedelta(minutes=5 * self.random.randrange(minutes))


def noise_orders(town: Town, kinds: list[dict[str, Any]]) -> list[Row]:
    """Return orders that nobody breaks."""
    rows: list[Row] = []
    for kind in kinds:
        for _ in range(kind["count"]):
            made = town.moment().replace(hour=14, minute=0)
            row = {"order_id": f"NO{made:%y}-{len(rows) + 401:04}", "respondent_id": town.person()} | kind["row"]
            row |= {"protected_id": town.person() if kind.get("protected", True) else "", "force": FORCE}
            row |= {"made_on": made.date().isoformat()}
            row |= {"ends": (made + timedelta(days=kind["days"] - 1)).date().isoformat()}
            if kind.get("served"):
                row["served_at"] = (made + timedelta(hours=2)).isoformat(timespec="minutes")
            if kind.get("aware"):
                row["aware_from"] = made.isoformat(timespec="minutes")
            rows.append(row)
    return rows


def noise_incidents(town: Town, kinds: list[dict[str, Any]], bound: list[str]) -> list[Row]:
    """Return incidents that belong to no pattern; ``bound`` are respondents of orders that nobody breaks."""
    rows: list[Row] = []
    for kind in kinds:
        for number in range(kind["count"]):
            at = town.moment()
            reported = at + timedelta(minutes=5 * town.random.randrange(1, 200))
            suspect = ""
            if kind.get("suspect") == "new":
                suspect = town.person()
            elif kind.get("suspect") == "bound":
                suspect = bound[number % len(bound)]
            victim = town.person() if kind.get("victim") else ""
            row = {
                "incident_id": f"NM{at:%y}-{len(rows) + 20_001}",
                "force": FORCE,
                "status": "closed",
            } | kind["row"]
            row |= {
                "occurred_from": at.isoformat(timespec="minutes"),
                "suspect_id": suspect,
                "victim_id": victim,
            }
            row |= {"reported_at": reported.isoformat(timespec="minutes"), "postcode": town.postcode()}
            rows.append(row)
    return rows


def build() -> dict[str, list[Row]]:
    """Return every table, in the order in which a force would have written it down."""
    noise = load("noise.toml")
    tables = story_tables(load("stories.toml")["story"])
    town = Town(noise["names"])
    orders = noise_orders(town, noise["orders"])
    incidents = noise_incidents(town, noise["incidents"], [order["respondent_id"] for order in orders])
    tables["orders"] = sorted(tables["orders"] + orders, key=lambda row: (row["made_on"], row["order_id"]))
    tables["incidents"] = sorted(
        tables["incidents"] + incidents + noise["messy"],
        key=lambda row: (row.get("reported_at") or row["occurred_from"], row["incident_id"]),
    )
    written: dict[str, str] = {}  # the rows of one incident were recorded at one time
    for position, row in enumerate(tables["incidents"]):
        number = row["incident_id"]
        written.setdefault(number, recorded(row.get("reported_at", ""), hours=2 + position % 20))
        row["recorded_at"] = written[number]
    twice = next(row for row in tables["incidents"] if row["incident_id"] == "NM24-10489")
    tables["incidents"].append(twice)
    tables["persons"] += town.persons
    return tables


def export(incidents: list[Row]) -> list[list[str]]:
    """Return the lines of the force's own export of 2025: its mapping, turned round.

    The first word that the mapping knows for a code stands for that code; the victims of one incident stand side
    by side in one line.
    """
    mapping = load("northmarch_mapping.toml")["incidents"]
    words = {
        column: {code: word for word, code in reversed(synonyms.items())}
        for column, synonyms in mapping["values"].items()
    }
    wide: dict[str, list[str]] = mapping["wide"][0]
    header = [*mapping["columns"].values(), *(name for names in wide.values() for name in names), *mapping["unused"]]

    def cell(row: Row, column: str) -> str:
        value = row.get(column, "")
        if column in words:
            return str(mapping["list_separator"]).join(words[column][code] for code in value.split(";") if code)
        if column.endswith(("_at", "_from", "_to")) and value:
            return datetime.fromisoformat(value).strftime(mapping["date_formats"][len(value) <= 10])
        return value.lstrip("0") if column == "offence_code" else value

    by_number: dict[str, list[Row]] = {}
    for row in incidents:
        if row.get("force") == FORCE and row["reported_at"].startswith("2025") and row["victim_id"] != "":
            by_number.setdefault(row["incident_id"], []).append(row)
    lines = []
    for number, rows in by_number.items():
        kind = rows[0].get("kind") or ("crime" if rows[0].get("offence_code") else "incident")
        line = [cell(rows[0] | {"kind": kind}, column) for column in mapping["columns"]]
        for column, names in wide.items():
            cells = [cell(row, column) for row in rows]
            line += cells + [""] * (len(names) - len(cells))
        lines.append([*line, rows[0].get("postcode", "").split(" ")[0], f"PC {1000 + int(number[-3:])}"])
    blank = [""] * (len(header) - 1)
    title = [["NORTHMARCH CONSTABULARY", *blank], ["Crimes and incidents reported 2025, with a victim", *blank]]
    return [*title, ["", *blank], header, *lines, [f"TOTAL {len(lines)}", *blank]]


def write(folder: Path) -> list[Path]:
    """Write every table and the export to a folder and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = build()
    files = [folder / "northmarch_rms_export.csv"]
    with files[0].open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(export(tables["incidents"]))
    for name, rows in tables.items():
        files.append(folder / f"{name}.csv")
        with files[-1].open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, COLUMNS[name], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return files


if __name__ == "__main__":
    for file in write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(file)
