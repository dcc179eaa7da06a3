"""Sound inputs for every target: what a fuzzer changes."""

from __future__ import annotations

import gzip
import io
import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

CSV = (
    b"incident_id,occurred_from,suspect_id,victim_id,behaviours,offence_text\n"
    b"C1,2025-03-01T10:15,P1,V1,contact;threat,breach of non mol\nC2,2025-03-08,P1,V1,follow,\n"
)
PATTERN = b"""id = "mine"
title = "Mine"
status = "test"
level = "low"
unit = "order"
summary = "s"
basis = "b"
headline = "{suspect}: h"
false_positives = ["x"]
window = { days = 28, of = "the breach" }
condition = { all = [{ criterion = "breaches", at_least = 2 }, { not = { criterion = "breaches", at_least = 9 } }] }
"""
FILTER = b"""[[filter]]
id = "mine"
reason = "We have looked at these."
author = "A. Analyst"
expires = 2027-01-01
suspects = ["P1"]
when = { criterion = "breaches", at_least = 2 }
"""
LAW = b"""[catalogue]
version = "1"
checked = 2026-01-01
[act.mine]
title = "Mine Act"
url = "https://example.org"
[words.same]
breach = ["broke"]
[words.acts]
actmine = ["mine act"]
[offence.mine]
title = "Mine"
role = "context"
labels = ["mine"]
match = ["mine !yours"]
"""
MAPPING = b"""[incidents]
date_formats = ["%d/%m/%Y"]
delimiter = ";"
leave_out = { a = ["total*"] }
[incidents.columns]
suspect_id = { join = ["a", "b"], with = "-" }
[incidents.values.kind]
"x*" = "crime"
[[incidents.wide]]
victim_id = ["a", "b"]
"""


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["incident_id", "occurred_from", "suspect_id"])
    book.active.append(["C1", "2025-03-01", "P1"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    at = pa.array([1, None], pa.timestamp("us"))
    pq.write_table(pa.table({"incident_id": ["C1", "C2"], "occurred_from": ["2025-03-01", "x"], "at": at}), out)
    return out.getvalue()


SEEDS: dict[str, bytes] = {
    "csv": CSV,
    "gzip": gzip.compress(CSV, mtime=0),
    "xlsx": workbook(),
    "parquet": parquet(),
    "jsonl": b'{"incident_id":"C1","occurred_from":"2025-03-01","x":[1,{"a":null}]}\n{"incident_id":"C2"}\n',
    "orders": b"order_id,kind,respondent_id,protected_id,made_on,terms\nO1,restraining,P1,V1,2025-01-01,no_contact\n",
    "persons": b"person_id,given_name,surname,date_of_birth,postcode\nP1,Ana,Vale,1990-01-01,ZZ1 1AA\n",
    "associations": b"person_id,other_id,kind,since,until\nP1,V1,partner,2020-01-01,2024-01-01\n",
    "cell": b"2025-03-01T10:15+01:00",
    "mapping": MAPPING,
    "pack": PATTERN,
    "filter": FILTER,
    "law": LAW,
    "decisions": b"person_id,other_id,verdict,by,on,reason\nP1,P2,same,A,2026-01-01,x\n",
    "actions": b"action,at,incident_id\narrest,2025-03-01T10:00,I1\n",
    "sheet": b"Is it right? (drawn from 40)",
    "run": json.dumps({"versions": {"breachpattern": "0"}, "files": ["a"], "finding_id": "F-1"}).encode(),
    "state": json.dumps(
        {"format": 1, "files": {"wakes.arrow": {"bytes": 1, "rows": 1, "sha256": "x"}}, "results": [],
         "as_of_second": 0, "made_with": {}, "batches": [], "near": [], "next_group": 0}
    ).encode(),
}  # fmt: skip
