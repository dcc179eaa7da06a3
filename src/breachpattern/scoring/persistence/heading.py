"""What every model file says of itself, and whether it fits the run that it is to rank."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from importlib import metadata
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sklearn.pipeline import Pipeline

from breachpattern.errors import ScoringError
from breachpattern.scoring.estimators.classifier import CourseOfConductClassifier
from breachpattern.scoring.features.declared import declared, version
from breachpattern.scoring.features.selection import refuse_sensitive
from breachpattern.scoring.given import the_analysis
from breachpattern.scoring.persistence.strict_json import refusal

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

FORMAT: Literal["breachpattern model"] = "breachpattern model"
SCHEMA: Literal[1] = 1
# What has to be the same, in the words of the refusal.
COMPARED = {
    "catalogue": "the catalogue of law",
    "patterns": "the patterns",
    "features": "the declared features",
    "scikit-learn": "scikit-learn",
}
OWN_RULES = " Where it was trained under law or patterns of your own, name a run under them: load(path, analysis)."


class Strict(BaseModel):
    """A part of a model file: exactly these fields, of exactly these types."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Heading(Strict):
    """What a model is, what it was trained on, and under which versions.

    Attributes
    ----------
    kind : str
        The class of the model.
    features : list of str
        The columns that it reads, in its order.
    versions : dict
        Of the library, the catalogue, the patterns, the declared features; of scikit-learn where its code is needed.
    training : dict or None
        Labels, people, period and calibration, as the model tells them.
    """

    format: Literal["breachpattern model"]
    schema_version: Literal[1]
    kind: str
    features: list[str]
    versions: dict[str, str]
    training: dict[str, Any] | None


def heading_of(model: Any, analysis: Analysis, *, sklearn: bool) -> Heading:
    """Return the heading of a fitted model that was trained on the rows of an analysis.

    Raises
    ------
    ScoringError
        Where the model has not been fitted to named columns, or one is a sensitive attribute.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        raise ScoringError(
            f"The {type(model).__name__} was not fitted to named columns, so nobody could say what it reads.",
            where="model", hint="Fit it to a data frame, such as that of feature_frame.",
        )  # fmt: skip
    refuse_sensitive(names, "model")
    versions = dict(analysis.found.versions) | {"features": version()}
    if sklearn:
        versions["scikit-learn"] = _minor(metadata.version("scikit-learn"))
    last = model[-1] if isinstance(model, Pipeline) else model
    training = last.training_ if isinstance(last, CourseOfConductClassifier) else None
    return Heading(
        format=FORMAT, schema_version=SCHEMA, kind=type(model).__name__, features=[str(name) for name in names],
        versions=dict(sorted(versions.items())), training=training,
    )  # fmt: skip


def checked(shape: type[Strict], data: Mapping[str, Any], where: str) -> Any:
    """Return data as a part of a model file, which is refused in words where it is none."""
    if data.get("format") != FORMAT:
        raise refusal(where, f"It does not say that it is a {FORMAT}.")
    if data.get("schema_version") != SCHEMA:
        raise ScoringError(
            f"It is written in schema version {data.get('schema_version')!r} of models, and {SCHEMA} is read here.",
            where=where, hint="Read it with the version of breachpattern that wrote it, or train again.",
        )  # fmt: skip
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "it"
        raise refusal(where, f"{place}: {first['msg']}.") from None


def check_fit(
    heading: Heading,
    where: str,
    analysis: Analysis | None,
    offered: Collection[str] | None,
    accept: Sequence[str],
) -> None:
    """Refuse a model of a sensitive attribute, one trained under other versions, or on features that are not offered.

    Raises
    ------
    ScoringError
        In words: what the model has, and what is here.
    """
    refuse_sensitive(heading.features, where)
    rules = _rules_here() if analysis is None else the_analysis(analysis, "A model is loaded for a run").found.versions
    here = {"features": version(), "scikit-learn": _minor(metadata.version("scikit-learn"))}
    here |= {name: rules[name] for name in ("catalogue", "patterns")}
    if not {feature.name for feature in declared()} & set(heading.features):
        del here["features"]
    for name, said in COMPARED.items():
        was, now = heading.versions.get(name), here.get(name)
        if was is not None and now is not None and was != now and name not in accept:
            raise ScoringError(
                f"The model was trained under {said} {was}, and here is {now}.", where=where,
                hint=f"Train it again, or load it with accept=[{name!r}] after people have looked at what changed."
                + (OWN_RULES if analysis is None and name in ("catalogue", "patterns") else ""),
            )  # fmt: skip
    missing = [] if offered is None else [name for name in heading.features if name not in set(offered)]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise ScoringError(
            f"The model reads {', '.join(missing[:3])}{more}, which the features given do not have.", where=where,
            hint="Make the features as for training: the same columns of feature_frame and pattern_frame.",
        )  # fmt: skip


def _rules_here() -> Mapping[str, str]:
    """Return the versions of the built-in catalogue and of the core patterns."""
    from breachpattern.law import Catalogue
    from breachpattern.patterns.engine import versions_of
    from breachpattern.patterns.packs import read_packs

    return versions_of(read_packs(), Catalogue.load())


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of JSON-able content, whatever its layout: it shows that a file was changed, not by whom."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return sha256(text.encode("utf-8")).hexdigest()


def _minor(text: str) -> str:
    return ".".join(text.split(".")[:2])
