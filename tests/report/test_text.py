import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from breachpattern.report.text import all_visible, file_name, visible


@given(st.text())
def test_what_is_shown_never_steers(text):
    shown = visible(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in shown)
    assert visible(shown) == shown
    shown.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_what_can_be_seen_stays_as_it_is(text):
    assert visible(text) == text


def test_scripts_from_right_to_left_stay_and_their_controls_are_named():
    assert visible("سارة") == "سارة"
    assert visible("a\u202eb\u2066") == "a[U+202E]b[U+2066]"


@given(st.text())
def test_no_id_leads_out_of_the_folder(finding_id):
    name = file_name(finding_id)
    assert re.fullmatch(r"[FC]-[0-9a-f]{16}\.html", name)


@given(
    st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=8)
)
def test_data_are_made_visible_all_the_way_down(value):
    said = repr(all_visible(value)) if not isinstance(value, str) else all_visible(value)
    assert visible(said) == said
