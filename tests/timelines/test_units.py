from tests.facts import courses, incident, timelines

THREAT = {"behaviours": "threat", "channel": "in_person"}


def units(rows, ties=()):
    found = courses(timelines(rows, associations=[{"person_id": a, "other_id": b, "tie": t} for a, b, t in ties]))
    return sorted((c["unit"], " ".join(c["suspects"]), " ".join(c["victims"])) for c in found)


def test_a_dyad_has_a_direction():
    rows = [incident(f"I{i}", f"2025-03-0{i + 1}", **THREAT) for i in range(2)]
    back = [incident(f"R{i}", f"2025-03-0{i + 4}", suspect_id="V1", victim_id="P1", **THREAT) for i in range(2)]
    assert units(rows + back) == [("dyad", "P1", "V1"), ("dyad", "V1", "P1")]


def test_connected_victims_chain_through_each_other():
    rows = [incident(f"I{i}", f"2025-03-0{i + 1}", victim_id=f"V{i}", **THREAT) for i in range(3)]
    ties = [("V0", "V1", "family"), ("V2", "V1", "friend")]
    assert units(rows, ties) == [("group", "P1", "V0 V1 V2")]


def test_a_co_suspect_tie_joins_suspects_and_not_victims():
    rows = [incident(f"I{i}", f"2025-03-0{i + 1}", victim_id=f"V{i}", **THREAT) for i in range(2)]
    assert units(rows, [("V0", "V1", "co_suspect")]) == []


def test_a_tie_that_nobody_knew_yet_joins_nobody():
    rows = [incident(f"I{i}", f"2025-03-0{i + 1}", victim_id=f"V{i}", **THREAT) for i in range(2)]
    tie = [{"person_id": "V0", "other_id": "V1", "tie": "family", "since": "2025-06-01"}]
    assert courses(timelines(rows, associations=tie, as_of="2025-05-01")) == []
    assert len(courses(timelines(rows, associations=tie, as_of="2025-07-01"))) == 1


def test_suspects_of_one_record_are_joint_for_that_victim_only():
    rows = [
        incident("I1", "2025-03-01", suspect_id="P1", **THREAT),
        incident("I2", "2025-03-03", suspect_id="P1", **THREAT),
        incident("I2", "2025-03-03", suspect_id="P2", **THREAT),
        incident("I3", "2025-03-05", suspect_id="P2", victim_id="V9", **THREAT),
    ]
    assert units(rows) == [("dyad", "P1", "V1"), ("joint", "P1 P2", "V1")]
