import signal
import threading

import pytest

from breachpattern.interrupts import held_back


@pytest.fixture(autouse=True)
def _handlers():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    assert {number: signal.getsignal(number) for number in before} == before


@pytest.mark.parametrize("times", [1, 3])
def test_an_interrupt_comes_when_the_block_is_over(times):
    told = []

    def tidied_up():
        with held_back():
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
                told.append("done")

    with pytest.raises(KeyboardInterrupt):
        tidied_up()
    assert told == ["done"] * times


def test_an_error_of_the_block_is_told_rather_than_the_interrupt():
    def failing():
        with held_back():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        failing()


def test_blocks_within_blocks_are_heard_after_the_outermost():
    told = []

    def tidied_up():
        with held_back():
            with held_back():
                signal.raise_signal(signal.SIGINT)
            told.append("still here")

    with pytest.raises(KeyboardInterrupt):
        tidied_up()
    assert told == ["still here"]


def test_what_was_passed_over_is_passed_over():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held_back():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_hear_no_signals_and_hold_none_back():
    told = []

    def elsewhere():
        with held_back():
            told.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert told == [signal.getsignal(signal.SIGINT)]
