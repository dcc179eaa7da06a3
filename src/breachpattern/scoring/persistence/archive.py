"""Models of scikit-learn as skops archives: no pickle, and only types of a fixed list.

skops knows the public estimators of scikit-learn, numpy and scipy, and names everything else that a file wants.
What it names has to stand in ``TRUSTED``; nobody can add to it by a file or an argument. Trees are walked by compiled
code that trusts its indices, so they are checked before anybody predicts with them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from zipfile import ZipFile

import numpy as np

from breachpattern.errors import MissingDependency, ScoringError
from breachpattern.scoring.persistence.heading import Heading, checked
from breachpattern.scoring.persistence.strict_json import read_json, refusal

HEADING = "breachpattern.json"
LARGEST = 512 * 2**20
TRUSTED = frozenset(
    {
        "breachpattern.scoring.estimators.additive.Additive",
        "breachpattern.scoring.estimators.classifier.CourseOfConductClassifier",
        "breachpattern.scoring.estimators.curves.Curve",
        "breachpattern.scoring.estimators.points.PatternScorer",
        "numpy.dtype",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)


class _Kept(Heading):
    sha256: str


def to_archive(model: Any, heading: Heading) -> bytes:
    """Return a model as a skops archive with its heading.

    Raises
    ------
    MissingDependency
        Where skops is not installed.
    ScoringError
        Where the model is made of something that could not be read back.
    """
    skops = _skops()
    try:
        data = skops.dumps(model)
    except Exception as error:
        raise ScoringError(
            f"A {type(model).__name__} cannot be kept: {error}",
            where="model",
            hint="Keep estimators of this library, or of scikit-learn.",
        ) from error
    _check_types(skops, data, "model")
    kept = io.BytesIO(data)
    with ZipFile(kept, "a") as archive:
        told = heading.model_dump() | {"sha256": _digest(archive)}
        archive.writestr(HEADING, json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False))
    return kept.getvalue()


def heading_from(data: bytes, where: str) -> Heading:
    """Return the heading of an archive that is as it was written.

    Raises
    ------
    ScoringError
        Where it is none, is too large or was changed.
    """
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > LARGEST:
                raise refusal(where, f"It unpacks to {size:,} bytes, and a model has at most {LARGEST:,}.")
            if archive.namelist().count(HEADING) != 1:
                raise refusal(where, f"It is an archive without a {HEADING}.")
            told = checked(_Kept, read_json(archive.read(HEADING), where), where)
            if told.sha256 != _digest(archive):
                raise ScoringError(
                    "It was changed after it was written: its SHA-256 does not fit.", where=where,
                    hint="Take the file as save() wrote it, or train again.",
                )  # fmt: skip
    except ScoringError:
        raise
    except Exception as error:  # whatever zipfile and zlib make of bytes that nobody wrote
        raise refusal(where, f"It is no archive that can be read: {error}.") from None
    return Heading(**{name: getattr(told, name) for name in Heading.model_fields})


def from_archive(data: bytes, where: str) -> Any:
    """Return the model of an archive, whose heading has been checked.

    Raises
    ------
    MissingDependency
        Where skops is not installed.
    ScoringError
        Where it wants a type that is not trusted, or holds a tree that leads nowhere.
    """
    skops = _skops()
    wanted = _check_types(skops, data, where)
    try:
        model = skops.loads(data, trusted=sorted(wanted))
        sound = all(_leads_somewhere(tree, features) for tree, features in _trees(model, set()))
    except Exception as error:
        raise refusal(where, f"The model in it cannot be read: {error}.") from None
    if not sound:
        raise refusal(where, "A tree in it leads nowhere.")
    return model


def _skops() -> Any:
    try:
        import skops.io  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise MissingDependency.for_extra("skops", "ml", "keep or read a model of scikit-learn") from None
    return skops.io


def _check_types(skops: Any, data: bytes, where: str) -> set[str]:
    """Return the types beyond those of skops that an archive wants, all of which are trusted."""
    try:
        wanted = set(skops.get_untrusted_types(data=data))
    except Exception as error:
        raise refusal(where, f"What it is made of cannot be read: {error}.") from None
    strange = sorted(wanted - TRUSTED)
    if strange:
        raise ScoringError(
            f"It is made of types that are not trusted: {', '.join(strange[:5])}{' …' if len(strange) > 5 else ''}.",
            where=where, hint="Estimators of scikit-learn and of breachpattern can be kept, with parts of their own.",
        )  # fmt: skip
    return wanted


def _digest(archive: ZipFile) -> str:
    """Return the SHA-256 of everything in an archive but its heading."""
    digest = sha256()
    for name in sorted(set(archive.namelist()) - {HEADING}):
        content = archive.read(name)
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _trees(part: Any, seen: set[int], features: int = 0) -> Iterator[tuple[Any, int]]:
    """Yield every tree of a model, wherever it is kept, and how many features its estimator is given."""
    if id(part) in seen or isinstance(part, (str, bytes, int, float, type(None))):
        return
    seen.add(id(part))
    if type(part).__name__ in ("Tree", "TreePredictor"):
        yield part, features
        return
    inner: Any = ()
    if isinstance(part, dict):
        inner = part.values()
    elif isinstance(part, (list, tuple, set)) or (isinstance(part, np.ndarray) and part.dtype == object):
        inner = part.ravel() if isinstance(part, np.ndarray) else part
    elif hasattr(part, "__dict__"):
        inner = vars(part).values()
        features = int(vars(part).get("n_features_in_", features))
    for item in inner:
        yield from _trees(item, seen, features)


def _leads_somewhere(tree: Any, features: int) -> bool:
    """Return whether every branch of a tree leads on to a later node of it, by a feature that it is given."""
    if type(tree).__name__ == "Tree":
        nodes = tree.__getstate__()["nodes"]
        left, right, feature = nodes["left_child"], nodes["right_child"], nodes["feature"]
        branches = left != -1
    else:
        nodes = tree.nodes
        left, right, feature = (nodes[name].astype(np.int64) for name in ("left", "right", "feature_idx"))
        branches = nodes["is_leaf"] == 0
        listed = nodes["bitset_idx"][branches & (nodes["is_categorical"] != 0)]
        if (listed >= len(tree.raw_left_cat_bitsets)).any():
            return False
    here = np.flatnonzero(branches)
    onward = all(((side[here] > here) & (side[here] < len(nodes))).all() for side in (left, right))
    return bool(len(nodes) and onward and ((feature[here] >= 0) & (feature[here] < features)).all())
