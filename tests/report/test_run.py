import json

from tests.report.given import score

from breachpattern.report.run import read


def finding(number, suspects, victims, incident, **evidence):
    item = {"incident_id": incident, "suspect_id": suspects[0] if suspects else None,
            "victim_id": victims[0] if victims else None, "start": f"2025-03-0{number}T10:00:00+00:00",
            "end": f"2025-03-0{number}T10:00:01+00:00", "behaviours": [], "breaches": [],
            "occasion": 1} | evidence  # fmt: skip
    return {"finding_id": f"F-{number}", "rank": number, "suspect_ids": suspects, "victim_ids": victims, "orders": [],
            "pattern": "x", "headline": "", "points": [], "evidence": [item]}  # fmt: skip


def held(tmp_path, *findings):
    folder = score(tmp_path / "run")
    lines = [json.dumps(one, separators=(",", ":")) for one in findings]
    (folder / "findings.jsonl").write_text("\n".join(lines) + "\n")
    return read(folder, 2)


def records(run, place):
    found = run.people(run.findings[place])
    return [(item["incident_id"], item["own"]) for item in found.records], [one["rank"] for one in found.findings]


def test_what_other_findings_hold_about_the_same_people_is_put_together(tmp_path):
    run = held(
        tmp_path, finding(1, ["P1"], ["V1"], "I1"), finding(2, ["P2"], ["V1"], "I2"), finding(3, ["P1"], ["V1"], "I3")
    )
    assert records(run, 0) == ([("I1", True), ("I3", False)], [1, 3])
    assert records(run, 1) == ([("I2", True)], [2])


def test_two_people_who_are_not_known_are_never_the_same(tmp_path):
    run = held(
        tmp_path,
        finding(1, [], ["V1"], "I1"),
        finding(2, ["P1"], [], "I2"),
        finding(3, [], ["V1"], "I3"),
        finding(4, ["P1"], [], "I4"),
    )
    assert records(run, 0) == ([("I1", True)], [1])
    assert records(run, 1) == ([("I2", True)], [2])


def test_a_record_of_several_findings_has_the_breaches_of_all(tmp_path):
    one, other = ({"order_id": name, "status": "recorded"} for name in ("O1", "O2"))
    run = held(
        tmp_path,
        finding(1, ["P1"], ["V1"], "I1", breaches=[one]),
        finding(2, ["P1"], ["V1"], "I1", breaches=[one, other]),
    )
    (record,) = run.people(run.findings[0]).records
    assert [breach["order_id"] for breach in record["breaches"]] == ["O1", "O2"]
    assert run.findings[0]["evidence"][0]["breaches"] == [one], "the finding itself stays as it is"


def test_what_a_group_finding_holds_about_other_victims_stays_out(tmp_path):
    both = finding(2, ["P1"], ["V1", "V2"], "I2") | {"evidence": [finding(2, ["P1"], ["V2"], "I2")["evidence"][0]]}
    run = held(tmp_path, finding(1, ["P1"], ["V1"], "I1"), both)
    assert records(run, 0) == ([("I1", True)], [1, 2])
