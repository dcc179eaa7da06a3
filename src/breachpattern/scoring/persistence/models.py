"""Saving and loading: whole files or none, and only those that fit."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from breachpattern.errors import OutputError, ScoringError
from breachpattern.scoring.estimators.classifier import CourseOfConductClassifier
from breachpattern.scoring.estimators.points import PatternScorer
from breachpattern.scoring.persistence.archive import LARGEST, from_archive, heading_from, to_archive
from breachpattern.scoring.persistence.heading import COMPARED, FORMAT, Heading, check_fit, heading_of
from breachpattern.scoring.persistence.own import from_json, to_json
from breachpattern.scoring.persistence.strict_json import refusal

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

ARCHIVE = b"PK\x03\x04"


def save(model: Any, path: str | Path, analysis: Analysis) -> Path:
    """Write a fitted model, whole or not at all, and return its path.

    :class:`PatternScorer` and :class:`CourseOfConductClassifier` become readable JSON, every other estimator of
    scikit-learn a skops archive. The same model gives the same JSON; skops numbers the parts of an archive anew.

    Parameters
    ----------
    model : estimator
        Fitted to a data frame.
    path : str or Path
        A new file, or a model that is replaced; such as ``model.json`` or ``model.skops``.
    analysis : Analysis
        That of the rows on which it was trained: its catalogue and patterns are noted.

    Raises
    ------
    ScoringError
        Where the model is not fitted, or is made of what could not be read back.
    OutputError
        Where the file is something else, or cannot be written.
    MissingDependency
        Where skops is needed and not installed.

    Examples
    --------
    >>> import breachpattern as bp
    >>> from breachpattern.scoring import PatternScorer, pattern_frame
    >>> who = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "follow"}
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00"} | who for d in (1, 4)]
    >>> analysis = bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31")
    >>> frame = pattern_frame(analysis)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(PatternScorer().fit(frame), f"{folder}/points.json", analysis)
    ...     load(path, analysis, frame).score_samples(frame).tolist()
    [614.0]
    """
    target = Path(path)
    own = type(model) in (PatternScorer, CourseOfConductClassifier)
    heading = heading_of(model, analysis, sklearn=not own)
    data = to_json(model, heading).encode("utf-8") if own else to_archive(model, heading)
    _write(target, data)
    return target


def load(
    path: str | Path,
    analysis: Analysis | None = None,
    features: pd.DataFrame | Sequence[str] | None = None,
    *,
    accept: Sequence[str] = (),
) -> Any:
    """Return a model that predicts, bit by bit, what the saved one predicts. No file can run code.

    Parameters
    ----------
    path : str or Path
    analysis : Analysis, optional
        The run that it is to rank: refused where the catalogue or the patterns are other ones. Without it the model is
        held against the built-in catalogue and the core patterns.
    features : pandas.DataFrame or sequence of str, optional
        The columns that it will be given: refused where one that it reads is missing.
    accept : sequence of {"catalogue", "patterns", "features", "scikit-learn"}
        What may be another version, because people have looked at what changed.

    Raises
    ------
    ScoringError
        Where the file is no model, was changed, is too large, wants a type that is not trusted, or does not fit.
    MissingDependency
        Where skops is needed and not installed.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     other = Path(folder, "model.json")
    ...     _ = other.write_text('{"format": "something else"}')
    ...     try:
    ...         load(other)
    ...     except ScoringError as refused:
    ...         print(refused.message)
    It does not say that it is a breachpattern model.
    """
    where = str(path)
    unknown = [name for name in accept if name not in COMPARED]
    if unknown:
        raise ScoringError(f"{unknown[0]!r} is nothing that is compared.", hint=f"One of {', '.join(COMPARED)}.")
    data = _read(Path(path), where)
    offered = features.columns.tolist() if isinstance(features, pd.DataFrame) else features
    if data[:4] == ARCHIVE:
        heading = heading_from(data, where)
        check_fit(heading, where, analysis, offered, accept)
        return _as_told(from_archive(data, where), heading, where)
    model, heading = from_json(data, where)
    check_fit(heading, where, analysis, offered, accept)
    return model


def _as_told(model: Any, heading: Heading, where: str) -> Any:
    names = [str(name) for name in getattr(model, "feature_names_in_", ())]
    if type(model).__name__ != heading.kind or names != heading.features:
        raise refusal(where, "The model in it is not the one that its heading tells of.")
    return model


def _read(path: Path, where: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise refusal(where, f"It has {size:,} bytes, and a model has at most {LARGEST:,}.")
        return path.read_bytes()
    except OSError as error:
        raise ScoringError(
            f"The model cannot be read: {error.strerror}.", where=where, hint="Name a file that save_model wrote."
        ) from None


def _write(target: Path, data: bytes) -> None:
    try:
        if target.exists() and not _is_ours(target):
            raise OutputError(
                "There is a file of this name that is no model, and it is left alone.", where=str(target),
                hint="Choose another name.",
            )  # fmt: skip
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            f"The model cannot be written: {error.strerror}.",
            where=str(target),
            hint="Name a file in a folder that is there, and that you may write to.",
        ) from None


def _is_ours(path: Path) -> bool:
    """Return whether a file looks like a model, by what stands at its two ends."""
    if not path.is_file():
        return False
    data = path.read_bytes()
    return FORMAT.encode() in (data[:64] if data[:4] != ARCHIVE else data[-(2**16) :])
