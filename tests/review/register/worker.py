"""Another process at a register: worker.py URL FOLDER ACTION [ARGUMENT].

It says "ready" and waits for a line on standard input, so that several can begin at once.
"""

from __future__ import annotations

import sys
import time

from breachpattern.analysis.runs import Run
from breachpattern.errors import RegisterError
from breachpattern.review.register import Register, log

VERDICTS = (("confirmed", "course_of_conduct"), ("rejected", "unconnected"))


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def decide(register: Register, run: Run, who: str) -> None:
    """Decide on the first finding, having seen nothing."""
    try:
        say(register.decide(run, run.findings["finding_id"][0].as_py(), *VERDICTS[0]).id)
    except RegisterError as error:
        say(error)


def go_on(register: Register, run: Run, who: str) -> None:
    """Decide again and again; each number is said when the decision is confirmed, never before."""
    identity = run.findings["finding_id"][int(who)].as_py()
    seen = max((decision.id for decision in register.history(identity)), default=None)
    for number in range(1_000_000):
        seen = register.decide(run, identity, *VERDICTS[number % 2], seen=seen).id
        say(seen)


def stall(register: Register, run: Run, who: str) -> None:
    """Stop in the middle of a transaction, with a decision half written."""
    append = log.append

    def half(*args: object, **fields: object) -> int:
        entry = append(*args, **fields)  # type: ignore[arg-type]
        say("in the middle")
        time.sleep(600)
        return entry

    log.append = half
    decide(register, run, who)


if __name__ == "__main__":
    url, folder, action, who = sys.argv[1:]
    with Register(url, who=who) as register:
        run = Run.of(folder)
        say("ready")
        sys.stdin.readline()
        {"decide": decide, "go_on": go_on, "stall": stall}[action](register, run, who)
