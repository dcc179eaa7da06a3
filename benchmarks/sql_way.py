"""The breach join and what came before in DuckDB, written by hand: two equality joins and no window on time alone.

As it was known then: an earlier record counts where it was reported by the time that the later one was. A window
function over ``occurred_from`` cannot say that, so the counts are a join of each breach with its pair's records.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.ways import AS_OF, BREACH_CODES, DEFAULT_TERMS, acts_within_terms

BREACHES = """
CREATE OR REPLACE TABLE incidents AS
SELECT DISTINCT ON (incident_id) incident_id, suspect_id, victim_id, occurred_from, offence_code,
       coalesce(reported_at, occurred_from) AS known, string_split(coalesce(behaviours, ''), ';') AS acts
FROM read_parquet($incidents)
WHERE incident_id IS NOT NULL AND occurred_from IS NOT NULL
  AND coalesce(reported_at, occurred_from) < CAST($as_of AS TIMESTAMP) + INTERVAL 1 DAY;

CREATE OR REPLACE TABLE orders AS
WITH held AS (
  SELECT *, unnest(string_split(CASE WHEN coalesce(terms, '') = '' THEN $default ELSE terms END, ';')) AS term
  FROM read_parquet($orders))
SELECT order_id, any_value(kind) AS kind, any_value(respondent_id) AS respondent_id,
       any_value(protected_id) AS protected_id, CAST(any_value(made_on) AS TIMESTAMP) AS starts,
       CAST(any_value(ends) AS TIMESTAMP) + INTERVAL 1 DAY AS stops, flatten(list(acts)) AS barred
FROM held JOIN forbidden USING (term)
GROUP BY order_id;

CREATE OR REPLACE TABLE live AS
SELECT i.incident_id, o.order_id, i.suspect_id, i.victim_id, i.occurred_from, i.known,
       CASE WHEN codes.kind = o.kind THEN 'recorded' ELSE 'unrecorded' END AS status
FROM incidents i
JOIN orders o ON o.respondent_id = i.suspect_id AND o.protected_id = i.victim_id
             AND i.occurred_from >= o.starts AND i.occurred_from < o.stops
LEFT JOIN codes ON codes.code = i.offence_code
WHERE codes.kind IS NOT DISTINCT FROM o.kind OR list_has_any(i.acts, o.barred);

CREATE OR REPLACE TABLE breaches AS
SELECT * FROM live
UNION ALL
SELECT i.incident_id, NULL, i.suspect_id, i.victim_id, i.occurred_from, i.known, 'recorded_no_order'
FROM incidents i JOIN codes ON codes.code = i.offence_code
WHERE i.incident_id NOT IN (SELECT incident_id FROM live WHERE status = 'recorded');
"""
COUNTS = """
CREATE OR REPLACE TABLE counted AS
WITH asked AS (SELECT DISTINCT incident_id, suspect_id, victim_id, occurred_from, known FROM breaches),
broken AS (SELECT DISTINCT incident_id FROM breaches)
SELECT a.incident_id,
       count(*) FILTER (WHERE e.occurred_from >= a.occurred_from - INTERVAL 365 DAY) AS prior_365d,
       count(b.incident_id) AS prior_breaches
FROM asked a
LEFT JOIN incidents e ON e.suspect_id = a.suspect_id AND e.victim_id = a.victim_id
                     AND e.occurred_from < a.occurred_from AND e.known <= a.known
LEFT JOIN broken b ON b.incident_id = e.incident_id
GROUP BY a.incident_id;
COPY (SELECT breaches.*, prior_365d, prior_breaches FROM breaches LEFT JOIN counted USING (incident_id)
      ORDER BY occurred_from, incident_id) TO '{out}' (FORMAT parquet);
"""


def score(incidents: Path, orders: Path, out: Path) -> Path:
    """Write the breaches of an extract with what came before; return the file."""
    out.mkdir(parents=True, exist_ok=True)
    target = out / "breaches.parquet"
    with duckdb.connect() as database:
        database.execute("CREATE TABLE forbidden (term VARCHAR, acts VARCHAR[])")
        database.executemany(
            "INSERT INTO forbidden VALUES (?, ?)", [[term, list(acts)] for term, acts in acts_within_terms().items()]
        )
        database.execute("CREATE TABLE codes (code VARCHAR, kind VARCHAR)")
        database.executemany("INSERT INTO codes VALUES (?, ?)", [list(pair) for pair in BREACH_CODES.items()])
        given = {"incidents": str(incidents), "orders": str(orders), "as_of": AS_OF, "default": ";".join(DEFAULT_TERMS)}
        for statement in [part for part in BREACHES.split(";\n") if part.strip()]:
            used = {name: value for name, value in given.items() if f"${name}" in statement}
            database.execute(statement, used or None)
        database.execute(COUNTS.replace("{out}", str(target)))
    return target
