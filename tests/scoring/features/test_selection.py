import pytest
from tests.scoring.features.given import analyse, calls

from breachpattern.errors import UsageError
from breachpattern.ingest.privacy import SPECIAL_CATEGORIES
from breachpattern.scoring import feature_frame
from breachpattern.scoring.features.declared import declared, sensitive
from breachpattern.scoring.features.selection import chosen

ASKED = ["sex", "date_of_birth", "ethnicity", "address", "name", "surname", "victim_sex", "suspect_ethnicity",
         "age_at_first", "suspectAge", "Date of birth", "home_postcode", "Religion", "is_male", "victims_female",
         "imd_decile", "ethnicities", "pregnant_victim", "immigration_status"]  # fmt: skip


@pytest.fixture(scope="module")
def analysis():
    return analyse(calls("2025-03-01", "2025-03-04"))


@pytest.mark.parametrize("name", sorted({*ASKED, *sensitive(), *SPECIAL_CATEGORIES}))
def test_a_sensitive_attribute_is_refused_with_the_reason_and_where_it_belongs(analysis, name):
    with pytest.raises(UsageError, match=r"breachpattern\.scoring\.assessment") as refused:
        feature_frame(analysis, features=["occasions", name])
    assert f"{name!r} is no feature and never will be" in str(refused.value)


def test_a_name_that_is_none_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match=r"There is no feature and no group 'ocasions'\. Nearest: occasions"):
        chosen("ocasions", "course", harm=False)


def test_a_feature_of_another_kind_of_row_says_so():
    with pytest.raises(UsageError, match="'victims' is a feature of a course and not of a dyad"):
        chosen(["victims"], "dyad", harm=False)


def test_another_kind_of_row_is_refused():
    with pytest.raises(UsageError, match="One of course, dyad"):
        chosen(None, "suspect", harm=False)


@pytest.mark.parametrize("asked", ["harm", "harm_total"])
def test_harm_needs_a_table(asked):
    with pytest.raises(UsageError, match="needs a table of harm weights"):
        chosen(asked, "course", harm=False)
    assert chosen(asked, "course", harm=True)


def test_groups_and_names_come_in_the_declared_order_and_once():
    found = [feature.name for feature in chosen(["trend", "counts", "acts"], "course", harm=False)]
    assert found == [f.name for f in declared("course") if f.group == "counts" or f.name == "trend"]


def test_without_a_table_there_is_no_column_of_harm():
    names = {feature.name for feature in chosen(None, "course", harm=False)}
    assert names == {f.name for f in declared("course") if f.group != "harm"}
