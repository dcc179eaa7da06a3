"""Ingest: from the files of a force to checked, typed tables with an account of every row."""

from breachpattern.ingest.extract import Extract, read_extract
from breachpattern.ingest.issue_codes import ISSUE_CODES, IssueCode
from breachpattern.ingest.issues import Issues
from breachpattern.ingest.mapping import Mapping
from breachpattern.ingest.suggest import suggest_mapping
from breachpattern.ingest.suggestion import SuggestedMapping

__all__ = [
    "ISSUE_CODES",
    "Extract",
    "IssueCode",
    "Issues",
    "Mapping",
    "SuggestedMapping",
    "read_extract",
    "suggest_mapping",
]
