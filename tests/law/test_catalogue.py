"""The catalogue says what the law was on a day, and says so when nobody has looked since."""

import pickle
import time
import warnings
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.errors import CatalogueError
from breachpattern.law import Catalogue, CatalogueStaleWarning
from breachpattern.vocabulary import BEHAVIOURS, TERMS

LAW = Catalogue.load()
CLASSES = ("prohibition", "requirement", "notification")
CHECKED = LAW.checked
DAYS = st.dates(date(1990, 1, 1), CHECKED)

ORDER_KINDS = [
    "restraining_conviction",
    "restraining_acquittal",
    "non_molestation",
    "occupation",
    "pha_injunction",
    "stalking_protection",
    "interim_stalking_protection",
    "dvpn",
    "dvpo",
    "dapn",
    "dapo",
    "police_bail",
    "court_bail",
    "criminal_behaviour",
    "civil_injunction",
    "community_protection_notice",
    "sexual_harm_prevention",
    "sexual_risk",
    "forced_marriage",
    "fgm_protection",
    "serious_crime_prevention",
    "violent_offender",
    "slavery_trafficking",
    "licence",
    "post_sentence_supervision",
    "community_order",
    "suspended_sentence_order",
    "conditional_discharge",
    "undertaking",
    "non_harassment",
    "interdict",
    "bail_scotland",
    "non_molestation_ni",
    "stalking_protection_ni",
    "restraining_ni",
    "violent_offences_prevention_ni",
    "asbo",
    "sexual_offences_prevention",
    "risk_of_sexual_harm",
    "foreign_travel",
    "police_warning",
    "police_information_notice",
    "restraining",
    "bail",
]

# Order kind, term class, day of the conduct: nature and provision.
NATURES = [
    ("non_molestation", "prohibition", "2007-06-30", "contempt", "fla1996.s42"),
    ("non_molestation", "prohibition", "2007-07-01", "offence", "fla1996.s42A"),
    ("occupation", "prohibition", "2019-01-01", "contempt", "fla1996.s47"),
    ("pha_injunction", "prohibition", "1998-08-31", "contempt", "pha1997.s3(1)-(2)"),
    ("pha_injunction", "prohibition", "1998-09-01", "offence", "pha1997.s3(6)-(9)"),
    ("restraining_conviction", "prohibition", "2020-11-30", "offence", "pha1997.s5"),
    ("restraining_conviction", "prohibition", "2020-12-01", "offence", "sa2020.s363"),
    ("restraining_acquittal", "prohibition", "2021-01-01", "offence", "pha1997.s5A"),
    ("restraining", "prohibition", "2021-01-01", "offence", "sa2020.s363"),
    ("stalking_protection", "requirement", "2020-01-20", "offence", "spa2019.s8"),
    ("interim_stalking_protection", "notification", "2021-01-01", "offence", "spa2019.s11"),
    ("dvpn", "prohibition", "2016-01-01", "arrest", "csa2010.s26"),
    ("dvpo", "prohibition", "2016-01-01", "civil_order", "mca1980.s63(3)"),
    ("dapn", "requirement", "2025-01-01", "arrest", "daa2021.s26"),
    ("dapo", "requirement", "2025-01-01", "offence", "daa2021.s39"),
    ("dapo", "notification", "2025-01-01", "offence", "daa2021.s43"),
    ("police_bail", "prohibition", "2022-01-01", "arrest", "pace1984.s46A"),
    ("court_bail", "requirement", "2022-01-01", "arrest", "bail1976.s7(3)"),
    ("bail_scotland", "prohibition", "2022-01-01", "offence", "cpsa1995.s27"),
    ("criminal_behaviour", "requirement", "2019-01-01", "offence", "asbcpa2014.s30"),
    ("criminal_behaviour", "requirement", "2021-01-01", "offence", "sa2020.s339"),
    ("civil_injunction", "prohibition", "2019-01-01", "contempt", "asbcpa2014.s9-s10"),
    ("community_protection_notice", "requirement", "2019-01-01", "offence", "asbcpa2014.s48"),
    ("sexual_harm_prevention", "prohibition", "2016-01-01", "offence", "soa2003.s103I"),
    ("sexual_harm_prevention", "requirement", "2022-11-29", "offence", "sa2020.s354"),
    ("sexual_risk", "requirement", "2022-11-29", "offence", "soa2003.s122H"),
    ("forced_marriage", "prohibition", "2014-06-15", "contempt", "fla1996.s63H-63I"),
    ("forced_marriage", "prohibition", "2014-06-16", "offence", "fla1996.s63CA"),
    ("forced_marriage", "requirement", "2020-01-01", "contempt", "fla1996.s63J"),
    ("civil_injunction", "notification", "2020-01-01", "contempt", "asbcpa2014.s9-s10"),
    ("fgm_protection", "requirement", "2020-01-01", "contempt", "fgm2003.sch2.pt1"),
    ("fgm_protection", "prohibition", "2020-01-01", "offence", "fgm2003.sch2.para4"),
    ("violent_offender", "notification", "2015-01-01", "offence", "cjia2008.s113"),
    ("sexual_offences_prevention", "prohibition", "2016-01-01", "offence", "soa2003.s103I"),
    ("risk_of_sexual_harm", "prohibition", "2016-01-01", "offence", "soa2003.s122H"),
    ("undertaking", "prohibition", "2016-01-01", "contempt", "fla1996.s46"),
    ("licence", "requirement", "2016-01-01", "enforcement", "cja2003.s250-s254"),
    ("community_order", "requirement", "2021-01-01", "enforcement", "sa2020.sch10"),
    ("conditional_discharge", "prohibition", "2021-01-01", "enforcement", "sa2020.s80"),
    ("interdict", "prohibition", "2021-01-01", "contempt", "pasa2001.s1"),
    ("non_harassment", "prohibition", "2021-01-01", "offence", "pha1997.s8-s9"),
]
NO_SUCH_BREACH = [
    ("restraining_conviction", "requirement", "2021-01-01"),  # a restraining order can only prohibit
    ("non_molestation", "requirement", "2021-01-01"),
    ("sexual_harm_prevention", "requirement", "2022-11-28"),
    ("sexual_risk", "requirement", "2022-11-28"),
    ("violent_offender", "requirement", "2021-01-01"),
    ("stalking_protection", "prohibition", "2020-01-19"),
    ("police_warning", "prohibition", "2021-01-01"),
    ("police_information_notice", "prohibition", "2021-01-01"),
    ("asbo", "prohibition", "2020-03-23"),
]


@given(st.sampled_from(LAW.order_kind_ids), st.sampled_from(CLASSES), DAYS)
def test_a_broken_term_has_at_most_one_answer(kind, term_class, on):
    fitting = [b for b in LAW.order_kinds[kind].breaches if term_class in b.term_classes and b.in_force.holds(on)]
    assert len(fitting) <= 1
    assert LAW.breach_in_law(kind, term_class, on) == (fitting[0] if fitting else None)


@pytest.mark.parametrize(
    ("kind", "term_class", "made", "provisions"),
    [
        ("restraining_conviction", "prohibition", "2020-11-30", ("pha1997.s5",)),
        ("restraining_conviction", "prohibition", "2020-12-01", ("sa2020.s363",)),
        ("criminal_behaviour", "requirement", "2019-01-01", ("asbcpa2014.s30",)),
        ("criminal_behaviour", "notification", "2022-01-01", ("sa2020.s339",)),
        ("sexual_harm_prevention", "prohibition", "2019-01-01", ("soa2003.s103I",)),
        ("restraining", "prohibition", "2021-01-01", ("sa2020.s363", "pha1997.s5A", "pha1997.s5")),
        ("non_molestation", "prohibition", "2006-01-01", ("fla1996.s42A",)),
    ],
)
def test_a_breach_that_depends_on_the_conviction_goes_by_the_day_of_making(kind, term_class, made, provisions):
    breach = LAW.breach_in_law(kind, term_class, date(2025, 1, 1), made=date.fromisoformat(made))
    assert breach.provisions == provisions


def test_a_breach_cites_only_what_is_law_at_the_time():
    for kind in LAW.order_kinds.values():
        for breach in kind.breaches:
            for key in breach.provisions:
                law, held = LAW.provisions[key].in_force, breach.in_force
                last = held.end - timedelta(1) if held.end and breach.by == "conduct" else CHECKED
                where = f"{kind.id}: {key}"
                assert law.start is None or held.start is None or law.holds(max(held.start, date(1997, 6, 16))), where
                assert law.end is None or last < law.end, where


@given(DAYS)
def test_there_is_one_recording_rule_from_its_first_day_on(on):
    holding = [rule for rule in LAW.recording_rules if rule.in_force.holds(on)]
    assert len(holding) == (1 if on >= date(2002, 4, 1) else 0)
    assert LAW.recording_rule(on) == (holding[0] if holding else None)


@given(st.sampled_from(LAW.offence_ids), st.dates(CHECKED + timedelta(1), date(2100, 1, 1)))
def test_beyond_the_last_check_every_answer_warns_and_says_so(offence, on):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = LAW.at(on).offence(offence)
    ended = answer.entry.in_force.end is not None
    assert answer.standing == ("not_in_force" if ended else "beyond_last_check")
    assert [w.category for w in caught] == ([] if ended else [CatalogueStaleWarning])
    if caught:
        assert str(CHECKED) in str(caught[0].message)


@given(st.sampled_from(sorted(LAW.provisions)), DAYS)
def test_up_to_the_last_check_an_answer_is_yes_or_no_or_that_the_start_is_not_known(key, on):
    answer = LAW.at(on).provision(key)
    unknown = answer.entry.in_force.start is None and on < CHECKED
    holds = "start_not_known" if unknown else "in_force"
    assert answer.standing == (holds if answer.entry.in_force.holds(on) else "not_in_force")
    assert str(on) in str(answer)


def test_what_has_no_start_on_record_is_never_said_to_be_in_force_long_ago():
    assert LAW.at(date(1950, 1, 1)).provision("bail1976.s3").standing == "start_not_known"
    assert LAW.at(CHECKED).provision("bail1976.s3").standing == "in_force"
    long_ago = LAW.at(date(1950, 1, 1))
    standings = {o: long_ago.offence(o).standing for o in LAW.offence_ids} | {
        k: long_ago.order_kind(k).standing for k in LAW.order_kind_ids
    }
    old = {i for i, standing in standings.items() if standing == "in_force"}
    assert old == {"threats_to_kill", "abh", "wounding", "wounding_with_intent"}  # of an Act of 1861


@pytest.mark.parametrize(
    ("offence", "start"),
    [
        ("emergency_worker_assault", date(2018, 11, 13)),
        ("computer_misuse", date(1990, 8, 29)),
        ("stalking_or_harassment", date(1997, 6, 16)),
        ("breach_occupation", date(1997, 10, 1)),
        ("breach_injunction", date(1997, 6, 16)),
        ("breach_non_harassment", date(1997, 6, 16)),
        ("breach_licence", None),
    ],
)
def test_an_offence_begins_with_what_it_rests_on_and_shares_its_doubt(offence, start):
    assert LAW.offences[offence].in_force.start == start
    assert "from" in LAW.offences["computer_misuse"].unverified


@pytest.mark.parametrize(("kind", "term_class", "on", "nature", "provision"), NATURES)
def test_what_a_breach_is_in_law(kind, term_class, on, nature, provision):
    breach = LAW.breach_in_law(kind, term_class, date.fromisoformat(on))
    assert breach.nature == nature
    assert provision in breach.provisions


@pytest.mark.parametrize(("kind", "term_class", "on"), NO_SUCH_BREACH)
def test_nothing_is_claimed_where_the_law_knows_no_breach(kind, term_class, on):
    assert LAW.breach_in_law(kind, term_class, date.fromisoformat(on)) is None


def test_every_order_kind_of_the_interface_is_there_and_no_other():
    assert set(LAW.order_kinds) == set(ORDER_KINDS)
    assert {k.id for k in LAW.order_kinds.values() if not k.is_order} == {
        "police_warning",
        "police_information_notice",
    }


def test_kinds_that_records_cannot_tell_apart_share_a_family():
    families = {}
    for kind in LAW.order_kinds.values():
        families.setdefault(kind.family, set()).add(kind.id)
    shared = {family: members for family, members in families.items() if len(members) > 1}
    assert shared == {
        "restraining": {"restraining", "restraining_conviction", "restraining_acquittal"},
        "bail": {"bail", "police_bail", "court_bail"},
        "stalking_protection": {"stalking_protection", "interim_stalking_protection"},
    }


def test_awareness_and_beginning_follow_the_breach_provisions():
    by_awareness = {kind.id: kind.awareness for kind in LAW.order_kinds.values() if kind.awareness != "none"}
    assert by_awareness == {
        "non_molestation": "without_notice",
        "dapo": "without_notice",
        "forced_marriage": "without_notice",
        "fgm_protection": "without_notice",
        "dvpn": "service",
        "dapn": "service",
    }
    assert {kind.id for kind in LAW.order_kinds.values() if kind.begins == "service"} == {
        "dvpn",
        "dapn",
        "community_protection_notice",
        "police_warning",
        "police_information_notice",
    }
    assert (LAW.order_kinds["dvpo"].min_days, LAW.order_kinds["dvpo"].max_days) == (14, 28)
    assert all(kind.without_notice_possible for kind in LAW.order_kinds.values() if "without" in kind.awareness)


def test_notification_duties_run_from_their_own_trigger_which_is_day_one():
    triggers = {k.id: k.notification.trigger for k in LAW.order_kinds.values() if k.notification}
    assert triggers == {
        "stalking_protection": "service",
        "interim_stalking_protection": "service",
        "dapo": "making",
        "sexual_risk": "service",
        "sexual_harm_prevention": "service",
        "violent_offender": "in_force",
    }
    duty = LAW.order_kinds["stalking_protection"].notification
    assert duty.last_day(date(2025, 2, 27)) == date(2025, 3, 1)


def test_the_vocabularies_are_covered():
    assert set(LAW.behaviours) == set(BEHAVIOURS)
    assert set(LAW.terms) == set(TERMS)
    towards_nobody = {b.id for b in LAW.behaviours.values() if not b.towards_person}
    assert towards_nobody == {"notification_failure", "requirement_failure", "curfew_failure"}
    examples = {b.id: b.s2a for b in LAW.behaviours.values() if b.s2a}
    assert list(examples.values()) == ["a", "b", "c(i)", "c(ii)", "d", "e", "f", "g"]
    assert all(0 <= behaviour.harm <= 5 for behaviour in LAW.behaviours.values())


def test_terms_of_two_classes_never_mix_certain_and_arguable():
    for term in LAW.terms.values():
        assert not set(term.certain) & set(term.arguable)
    assert LAW.terms["curfew"].term_class == "requirement"
    assert LAW.terms["other"].certain == LAW.terms["other"].arguable == ()


def test_only_summary_offences_carry_the_six_month_limit():
    limited = {o.id for o in LAW.offences.values() if o.limitation_months}
    assert {"harassment", "stalking"} <= limited
    assert all(LAW.offences[i].summary_only and LAW.offences[i].limitation_months == 6 for i in limited)
    # Bail Act 1976 s.6: summary, yet outside Magistrates' Courts Act 1980 s.127.
    assert LAW.offences["fail_to_surrender"].limitation_months is None


def test_no_press_copy_is_cited_for_a_recording_rule():
    rule = LAW.recording_rule(date(2024, 1, 1))
    assert not rule.substance_verified
    assert all("sott" not in f"{r.source} {r.note}" for r in LAW.recording_rules)


def test_recording_rules_ask_for_what_their_period_asked_for():
    asked = {
        rule.in_force.start: set(rule.requires) - {"record_on_balance_of_probabilities"} for rule in LAW.recording_rules
    }
    assert asked[date(2002, 4, 1)] == set()
    assert asked[date(2014, 4, 1)] == {"separate_stalking_class"}
    assert "conduct_in_addition_to_notifiable" in asked[date(2018, 4, 1)]
    assert "ex_partner_default_stalking" not in asked[date(2018, 4, 1)]
    assert "ex_partner_default_stalking" in asked[date(2020, 4, 1)]
    assert "principal_crime_only" in asked[date(2023, 5, 1)]
    assert "conduct_in_addition_to_notifiable" not in asked[date(2023, 5, 1)]


def test_every_provision_has_an_address_a_summary_and_a_check_date():
    for provision in LAW.provisions.values():
        assert provision.url.startswith("https://"), provision.key
        assert "legislation.gov.uk/" in provision.url or provision.key == "common_law"
        assert provision.summary
        assert provision.checked == CHECKED


def test_every_breach_offence_belongs_to_a_kind_and_every_order_has_a_breach_offence():
    named = {kind for offence in LAW.offences.values() for kind in offence.breach_of}
    orders = {kind.id for kind in LAW.order_kinds.values() if kind.is_order}
    assert orders <= named
    assert named - {"*"} <= orders


@pytest.mark.parametrize("kind", ["interdict", "bail_scotland", "non_molestation_ni", "community_order"])
def test_what_was_not_verified_says_so(kind):
    assert not LAW.order_kinds[kind].verified
    assert not LAW.order_kinds[kind].substance_verified


def test_a_side_fact_that_was_not_verified_leaves_the_substance_standing():
    stalking = LAW.provisions["pha1997.s2A"]
    assert not stalking.verified
    assert stalking.substance_verified
    assert stalking.unverified == ("from",)
    assert LAW.provisions["spa2019.s8"].verified


def test_what_was_never_commenced_is_never_in_force():
    assert LAW.at(date(2026, 1, 1)).provision("vwjrsa2025.s109").standing == "not_in_force"


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(CatalogueError, match="Nearest: non_molestation"):
        LAW.breach_in_law("non_molestatoin", "prohibition", date(2020, 1, 1))
    with pytest.raises(CatalogueError, match="no offence 'stalkin'"):
        LAW.at(date(2020, 1, 1)).offence("stalkin")


def test_the_catalogue_cannot_be_changed_and_travels_by_pickle():
    with pytest.raises(TypeError):
        LAW.offences["harassment"] = None
    with pytest.raises(AttributeError):
        LAW.offences["harassment"].title = ""
    assert pickle.loads(pickle.dumps(LAW)) is LAW


def test_court_results_lead_to_the_order_that_they_make():
    made = {
        "3047": "restraining_conviction",
        "3260": "restraining_acquittal",
        "3326": "dapo",
        "1177": "criminal_behaviour",
    }
    for code, kind in made.items():
        assert LAW.order_kind_made_by(code) == kind
    assert LAW.order_kind_made_by("9999") is None
    codes = [code for kind in LAW.order_kinds.values() for code in kind.result_codes]
    assert len(codes) == len(set(codes))


def test_a_fact_that_no_source_shows_is_marked():
    doubts = {
        "breach_bail": "police bail conditions, subs. (1A)",
        "breach_dapo": "coverage after 31 March 2026",
        "breach_dapn": "coverage after 31 March 2026",
        "notification_dapo": "coverage after 31 March 2026",
        "witness_intimidation": "extent",
        "notification_stalking_protection": "recorded class",
        "aggravated_stalking_serious": "day on which the maximum changed",
    }
    assert {o: fact for o, fact in doubts.items() if fact not in LAW.offences[o].unverified} == {}
    assert "nature" in LAW.breach_in_law("non_molestation", "prohibition", date(2006, 1, 1)).unverified
    assert "nature" in LAW.breach_in_law("pha_injunction", "prohibition", date(1998, 1, 1)).unverified
    assert LAW.provisions["osa2023.s184"].unverified == ("to",)
    assert LAW.provisions["soa2003.s103A-103K"].unverified


def test_orders_that_ended_in_england_and_wales_live_on_elsewhere():
    ended = LAW.provisions["soa2003.s104-122"]
    assert (ended.extent, ended.in_force.end) == ("E&W", date(2015, 3, 8))
    assert all(LAW.provisions[key].in_force.end is None for key in ("soa2003.s113", "soa2003.s122"))
    assert LAW.provisions["fla1996.s63J"].url.endswith("/section/63J")


def test_a_code_that_covers_several_kinds_of_order_or_modes_has_an_entry_of_its_own():
    codes = ("SE20012", "068/08", "SX03249", "CD98075", "195/41")
    by_code = {code: LAW.recognise(code, None).offence for code in codes}
    assert by_code == {
        "SE20012": "breach_sexual_harm_prevention",
        "068/08": "breach_sexual_order",
        "SX03249": "intimate_images_sharing",
        "CD98075": "aggravated_harassment_alarm_poa",
        "195/41": "malicious_communications_summary",
    }
    assert [LAW.offences[o].mode for o in by_code.values()][2:] == ["summary"] * 3
    assert {LAW.offences[o].mode for o in ("breach_injunction", "breach_family_order", "breach_order")} == {""}


def test_reading_it_is_quick():
    from breachpattern.law.catalogue import _built_in_catalogue, _built_in_reading

    best = float("inf")
    for _ in range(3):
        _built_in_catalogue.cache_clear()
        _built_in_reading.cache_clear()
        start = time.perf_counter()
        Catalogue.load()
        best = min(best, time.perf_counter() - start)
    assert best < 0.5  # 0.04 s on an idle machine; the bound leaves room for a busy one


def test_every_outcome_says_how_a_record_ended_and_some_deal_with_the_conduct():
    assert {number for number, outcome in LAW.outcomes.items() if outcome.disposes} == {
        "1", "1A", "2", "2A", "3", "3A", "4",
    }  # fmt: skip
    assert {*map(str, range(1, 23)), "1A", "2A", "3A"} == set(LAW.outcomes)
