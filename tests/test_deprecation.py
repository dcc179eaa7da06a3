from __future__ import annotations

import pytest

from breachpattern.deprecation import deprecated


def test_a_name_that_goes_works_and_says_so():
    @deprecated(since="1.2", gone_in="2.0", instead="new()")
    def old(number: int) -> int:
        """Double a number."""
        return 2 * number

    with pytest.warns(DeprecationWarning, match=r"old goes in 2\.0 .*: use new\(\)"):
        assert old(2) == 4
    assert "Double a number" in (old.__doc__ or "")
    assert "deprecated:: 1.2" in (old.__doc__ or "")
