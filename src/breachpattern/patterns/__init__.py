"""Patterns: declarative rules over timelines, the criteria that they name, and the findings that they make."""

from breachpattern.patterns.doubts import doubts_of, lost_to_links
from breachpattern.patterns.engine import find
from breachpattern.patterns.examples import ExampleResult, run_examples, test_packs
from breachpattern.patterns.findings import Finding, Findings
from breachpattern.patterns.identity import course_ids
from breachpattern.patterns.lint import LintIssue, lint_packs
from breachpattern.patterns.model import Filter, Pattern
from breachpattern.patterns.packs import load_packs
from breachpattern.patterns.registry import Outcome, Parameter, Reason, criterion

__all__ = [
    "ExampleResult",
    "Filter",
    "Finding",
    "Findings",
    "LintIssue",
    "Outcome",
    "Parameter",
    "Pattern",
    "Reason",
    "course_ids",
    "criterion",
    "doubts_of",
    "find",
    "lint_packs",
    "load_packs",
    "lost_to_links",
    "run_examples",
    "test_packs",
]
