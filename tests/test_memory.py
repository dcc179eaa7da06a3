import sys

import pytest

from breachpattern import memory


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="huge pages are Linux's")
def test_small_pages_are_asked_for_meanwhile_and_no_longer():
    asked = memory._prctl()
    before = asked(memory._GET_THP_DISABLE, 0, 0, 0, 0)
    with memory.small_pages():
        assert asked(memory._GET_THP_DISABLE, 0, 0, 0, 0) == 1
        first, second = memory.small_pages(), memory.small_pages()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert asked(memory._GET_THP_DISABLE, 0, 0, 0, 0) == 1
        second.__exit__(None, None, None)
        assert asked(memory._GET_THP_DISABLE, 0, 0, 0, 0) == 1
    assert asked(memory._GET_THP_DISABLE, 0, 0, 0, 0) == before


def test_elsewhere_nothing_is_asked_for(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    memory._prctl.cache_clear()
    try:
        with memory.small_pages():
            assert memory._prctl()(memory._SET_THP_DISABLE, 1, 0, 0, 0) == 0
    finally:
        memory._prctl.cache_clear()
