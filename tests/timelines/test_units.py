from tests.facts import courses, incident, timelines

from breachpattern.timelines.nexus import signal_table

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


def test_suspects_of_one_record_are_joint_for_that_victim_only():
    rows = [
        incident("I1", "2025-03-01", suspect_id="P1", **THREAT),
        incident("I2", "2025-03-03", suspect_id="P1", **THREAT),
        incident("I2", "2025-03-03", suspect_id="P2", **THREAT),
        incident("I3", "2025-03-05", suspect_id="P2", victim_id="V9", **THREAT),
    ]
    assert units(rows) == [("dyad", "P1", "V1"), ("joint", "P1 P2", "V1")]


def joint_strengths(rows, ties=()):
    associations = [{"person_id": a, "other_id": b, "tie": t} for a, b, t in ties]
    found = courses(timelines(rows, associations=associations))
    return {" ".join(c["suspects"]): c["strength"] for c in found if c["unit"] == "joint"}


def acts(*suspects, start=1, **values):
    """Threats by some suspects together on six days of a week, from a day of March on."""
    return [
        incident(f"{''.join(suspects)}{day}", f"2025-03-{day:02d}T19:00", suspect_id=s, **THREAT | values)
        for day in range(start, start + 6)
        for s in suspects
    ]


def test_a_tie_alone_sweeps_nobody_into_what_others_did_together():
    rows = acts("P1", "P2") + acts("P3", start=8)
    assert joint_strengths(rows) == {"P1 P2": "clear"}
    assert joint_strengths(rows, [("P1", "P3", "friend")]) == {"P1 P2": "clear", "P1 P2 P3": "weak"}
    assert joint_strengths(rows, [("P1", "P3", "co_suspect")]) == {"P1 P2 P3": "clear"}


def test_the_same_number_widens_a_joint_unit_to_an_arguable_one():
    number = {"means": "07700900001"}
    rows = acts("P1", "P2", **number) + acts("P3", start=8, **number)
    assert joint_strengths(rows) == {"P1 P2": "clear", "P1 P2 P3": "arguable"}


def told_as(signal, rows, ties=()):
    """The people of the joint courses that say so."""
    associations = [{"person_id": a, "other_id": b, "tie": t} for a, b, t in ties]
    place = [one.id for one in signal_table().signals].index(signal)
    found = courses(timelines(rows, associations=associations))
    return {" ".join(c["suspects"]) for c in found if c["unit"] == "joint" and c["signals"] >> place & 1}


def test_a_number_is_shared_in_a_unit_that_holds_two_of_its_users():
    number = {"means": "07700900001"}
    rows = [row | (number if row["suspect_id"] == "P1" else {}) for row in acts("P1", "P2")]
    assert told_as("same_means_used", rows + acts("P3", start=8, **number)) == {"P1 P2 P3"}


def test_a_tie_on_file_speaks_for_a_unit_that_holds_both_people():
    number = {"means": "07700900001"}
    rows = acts("P1", **number) + acts("P2", start=8, **number) + acts("P3", start=15)
    assert told_as("connection_inferred", rows) == {"P1 P2"}
    assert told_as("connection_inferred", rows, [("P1", "P3", "friend")]) == {"P1 P2"}


def test_only_those_tied_to_who_carries_the_messages_act_through_each_other():
    carried = {"behaviours": "third_party_contact;threat", "channel": "third_party"}
    rows = acts("P1") + acts("P2", start=8, **carried) + acts("P3", start=15)
    ties = [("P1", "P2", "friend"), ("P1", "P3", "friend")]
    assert joint_strengths(rows, ties) == {"P1 P2": "clear", "P1 P2 P3": "weak"}


def test_a_wider_unit_is_told_only_where_it_reaches_further():
    rows = [*acts("P1", "P2"), incident("J1", "2010-03-01", suspect_id="P3", **THREAT)]
    assert joint_strengths(rows, [("P1", "P3", "friend")]) == {"P1 P2": "clear"}
