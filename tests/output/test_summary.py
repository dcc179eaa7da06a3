import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.output.summary import counts_by_code, counts_of, show_versions
from breachpattern.vocabulary import LEVELS, STRENGTHS


@given(st.lists(st.integers(-1, len(STRENGTHS) - 1)))
def test_counts_by_code_add_up_and_leave_out_what_is_not_known(codes):
    counts = counts_by_code(STRENGTHS, np.array(codes, np.int8))
    assert list(counts) == list(STRENGTHS)
    assert sum(counts.values()) == sum(code >= 0 for code in codes)


@given(st.lists(st.sampled_from(LEVELS.values)))
def test_counts_do_not_depend_on_the_order_of_rows(values):
    assert list(counts_of(values).items()) == list(counts_of(values[::-1]).items())
    assert sum(counts_of(values).values()) == len(values)


def test_show_versions_names_what_a_result_rests_on(capsys):
    show_versions()
    said = capsys.readouterr().out
    assert all(name in said for name in ("breachpattern", "python", "pandas", "pyarrow", "catalogue"))
