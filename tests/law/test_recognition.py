"""Labels: which offence, which order, and what must never become a breach."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.law import Catalogue

LAW = Catalogue.load()
LABELS = [line.rsplit("|", 1) for line in (Path(__file__).parent / "labels.txt").read_text("utf-8").splitlines()]
NAMES = sorted(
    {
        (name, kind.id)
        for kind in LAW.order_kinds.values()
        if kind.is_order
        for name in (kind.title, kind.abbreviation, *kind.labels)
        if name and LAW.recognise_order_kind(name) == kind.id
    }
)
SAYS_BREACH = [
    "Breach of {}",
    "BREACHED {}",
    "{} breach",
    "fail to comply with {}",
    "Contravene {}",
    "Arrested - breach of {}",
]
SAYS_NO_BREACH = [
    "{}", "{} application", "{} granted", "{} served", "Application to vary {}", "{} expired", "No breach of {}",
    "Risk of breach of {}", "Copy of {} received", "{} advice", "Application for committal for breach of {}",
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_a_label_that_says_breach_and_names_an_order_is_a_breach_of_that_family(name, kind):
    for form in SAYS_BREACH:
        found = LAW.recognise(None, form.format(name))
        assert found.offence is not None, found
        families = {LAW.order_kinds[k].family for k in LAW.offences[found.offence].breach_of if k != "*"}
        assert LAW.order_kinds[kind].family in families, found


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_the_name_of_an_order_alone_is_never_a_breach(name, kind):
    for form in SAYS_NO_BREACH:
        found = LAW.recognise(None, form.format(name))
        assert found.offence is None or not LAW.offences[found.offence].breach_of, found


@pytest.mark.parametrize("ident", LAW.offence_ids)
def test_every_label_of_the_catalogue_leads_to_its_own_offence(ident):
    for label in (LAW.offences[ident].title, *LAW.offences[ident].labels):
        for typed in (label, label.upper(), f"  {label.lower()}. ", label.replace(" ", "  ")):
            assert LAW.recognise(None, typed).offence == ident, typed


@given(st.sampled_from(["restraining order", "non-molestation order", "stalking protection order"]), st.data())
def test_one_swapped_pair_of_letters_in_a_long_word_is_read_through(name, data):
    words = name.replace("-", " ").split()
    at = data.draw(st.sampled_from([i for i, word in enumerate(words) if len(word) >= 8]))
    place = data.draw(st.integers(1, len(words[at]) - 2))
    word = words[at]
    words[at] = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    right = LAW.recognise(None, f"Breach of {name}").offence
    assert LAW.recognise(None, f"Breach of {' '.join(words)}").offence == right


@pytest.mark.parametrize(("label", "offence"), LABELS)
def test_labels_as_people_type_them(label, offence):
    assert str(LAW.recognise(None, label).offence) == offence


@pytest.mark.parametrize(
    "label", ["Breach of closure order", "Fail to comply with dispersal notice", "Breach of football banning order"]
)
def test_an_order_that_the_catalogue_lacks_is_not_guessed_but_says_what_came_closest(label):
    found = LAW.recognise(None, label)
    assert (found.offence, found.method) == (None, "none")
    assert found.closest
    assert set(found.closest) <= set(LAW.offences)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NMO", "non_molestation"),
        ("Non Molestation Order (FLA 1996)", "non_molestation"),
        ("Restraining order on conviction", "restraining_conviction"),
        ("Restraining order issued on acquittal", "restraining_acquittal"),
        ("Restraining Order", "restraining"),
        ("restraining order (conviction / acquittal)", "restraining"),
        ("Interim SPO", "interim_stalking_protection"),
        ("Stalking Protection Order - full", "stalking_protection"),
        ("Domestic Violence Protection Notice (DVPN)", "dvpn"),
        ("court bail conditions", "court_bail"),
        ("Bail", "bail"),
        ("Licence", "licence"),
        ("Undertaking", "undertaking"),
        ("CO", "community_order"),
        ("Harassment Warning", "police_warning"),
        ("Injunction", None),
        ("DVPN / DVPO", None),
        ("Court order", None),
        ("Immigration bail", None),
        ("Non-molestation order refused", None),
        ("Application for non-molestation order", None),
        ("NMO discharged", None),
        ("DVPO refused", None),
        ("SPO application", None),
        ("Unconditional bail", None),
        ("Remand on Unconditional Bail", None),
        ("Bail refused", None),
        ("Remand in Custody (Bail Refused)", None),
        ("No bail", None),
        ("Police bail without conditions", None),
        ("Police bail - no conditions", None),
        ("Non molestation order without notice", "non_molestation"),
        ("NMO granted", "non_molestation"),
        ("Restraining order varied", "restraining"),
        ("Conditional discharge", "conditional_discharge"),
        ("Non-molestation Order (NI)", "non_molestation_ni"),
        ("Restraining Order - Protection from Harassment (NI)", "restraining_ni"),
        ("SPO (NI)", "stalking_protection_ni"),
        ("NMO (Northern Ireland)", "non_molestation_ni"),
        ("Stalking Protection Order (Northern Ireland)", "stalking_protection_ni"),
        ("Bail (Scotland)", "bail_scotland"),
        ("DVPO (Scotland)", None),
        ("Restraint order (POCA)", None),
        ("POCA restraint order", None),
        ("CRASBO", "asbo"),
        ("Police bail to court", "court_bail"),
        ("Police bail to attend court", "court_bail"),
        ("Police bail to attend police station", "police_bail"),
        ("SPO (interim)", "interim_stalking_protection"),
        ("RO (conviction)", "restraining_conviction"),
        ("Remand on Conditional Bail (Defendant Absent)", "court_bail"),
        ("Conditions of bail", "bail"),
        ("Contact order", None),
        ("Restraining order not granted", None),
        ("Restraining order made", "restraining"),
        ("Restraining order issued", "restraining"),
        ("NMO revoked", None),
        ("NMO expired", None),
        ("Variation of restraining order", "restraining"),
        ("Sexual harm prevention order made on application", "sexual_harm_prevention"),
        ("ASBO (full) - On Application", "asbo"),
        ("Bail - all conditions removed", None),
        ("", None),
    ],
)
def test_order_kinds_by_name(text, kind):
    assert LAW.recognise_order_kind(text) == kind


@pytest.mark.parametrize("kind", LAW.order_kind_ids)
def test_an_order_kind_means_itself(kind):
    assert LAW.recognise_order_kind(kind) == kind
    assert LAW.recognise_order_kind(f" {kind.upper()} ") == kind


def test_an_order_that_was_refused_or_no_longer_holds_is_named_but_is_no_kind():
    reading = LAW.read_order_kind("Application for non-molestation order")
    assert (reading.kind, reading.named, reading.not_in_force) == (None, ("non_molestation",), True)
    assert not LAW.read_order_kind("Closure order").not_in_force


def test_a_doubtful_order_kind_has_near_ones_for_the_message():
    assert LAW.order_kinds_near("stalking prevention injunction")[0].endswith("stalking_protection")
    assert LAW.order_kinds_near("") == ()
