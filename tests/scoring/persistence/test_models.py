"""What is kept predicts bit by bit what it did; what does not fit, or was touched, is refused in words."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from tests.drawing import first, up_to
from tests.scoring.estimators.given import analysed
from tests.scoring.persistence.given import classifier, frame, labels, points

import breachpattern as bp
from breachpattern.errors import OutputError, ScoringError, UsageError
from breachpattern.scoring import CourseOfConductClassifier, PatternScorer, load, save
from breachpattern.scoring.persistence import archive, heading, own

OWN = {"points": points, "classifier": classifier}
FILLED = SimpleImputer(keep_empty_features=True)
OTHERS = {
    "logistic": make_pipeline(FILLED, StandardScaler(), LogisticRegression(max_iter=1000)),
    "forest": make_pipeline(FILLED, RandomForestClassifier(4, random_state=0)),
    "boosting": HistGradientBoostingClassifier(max_iter=4),
    "calibrated": CalibratedClassifierCV(make_pipeline(FILLED, StandardScaler(), LogisticRegression()), cv=2),
    "own step": make_pipeline(FunctionTransformer(), CourseOfConductClassifier()),
}


@pytest.fixture
def target(tmp_path):
    return tmp_path / "model"


def rows(seed: int) -> pd.DataFrame:
    """Rows unlike those of training, with blanks."""
    rng = np.random.default_rng(seed)
    values = rng.normal(2, 40, (50, frame().shape[1]))
    values[rng.random(values.shape) < 0.2] = np.nan
    return pd.DataFrame(values, columns=frame().columns)


def same(one: Any, other: Any, given: pd.DataFrame) -> None:
    for method in ("decision_function", "predict_proba", "score_samples", "predict"):
        if hasattr(one, method):
            np.testing.assert_array_equal(getattr(one, method)(given), getattr(other, method)(given), strict=True)


@cache
def came_back(name: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return load(save(OWN[name](), f"{folder}/model", analysed()), analysed(), frame())


@pytest.mark.parametrize("name", OWN)
@settings(max_examples=up_to(15), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_our_own_come_back_bit_by_bit(name, seed):
    model, back = OWN[name](), came_back(name)
    same(model, back, rows(seed))
    pd.testing.assert_frame_equal(model.explain(rows(seed)), back.explain(rows(seed)), check_exact=True)
    assert back.classes_.tolist() == model.classes_.tolist()
    assert back.classes_.dtype == model.classes_.dtype
    assert getattr(back, "training_", None) == getattr(model, "training_", None)
    assert clone(back).get_params() == model.get_params()


@pytest.mark.further
@pytest.mark.parametrize("classes", [[0, 1], [0.0, 1.0], [False, True], ["no", "yes"]])
def test_classes_keep_their_type(classes, target):
    y = np.array(classes)[labels()]
    model = CourseOfConductClassifier(directions={"occasions": 1}).fit(frame(), y)
    same(model, load(save(model, target, analysed())), frame())


def test_weights_of_ones_own_are_kept(target):
    model = PatternScorer(weights={"occasions": 1, "acts": 0.25}, threshold=3).fit(frame())
    same(model, load(save(model, target, analysed())), frame())


@pytest.mark.parametrize("name", first(2, OTHERS))
def test_those_of_scikit_learn_come_back(name, target):
    model = clone(OTHERS[name]).fit(frame(), labels())
    same(model, load(save(model, target, analysed()), analysed(), frame()), frame())


@pytest.mark.parametrize("name", OWN)
def test_the_file_is_readable_says_what_it_rests_on_and_is_the_same_every_time(name, target):
    text = save(OWN[name](), target, analysed()).read_text("utf-8")
    told = json.loads(text)
    assert told["features"] == frame().columns.tolist()
    assert {k: told["versions"][k] for k in ("catalogue", "patterns")} == {
        k: analysed().summary["versions"][k] for k in ("catalogue", "patterns")
    }
    assert told["versions"]["features"]
    if name == "classifier":
        assert told["training"] == classifier().training_
        assert any(line.strip().startswith('{"feature": "occasions", "direction": 1') for line in text.splitlines())
    assert save(OWN[name](), target, analysed()).read_text("utf-8") == text
    assert os.listdir(target.parent) == ["model"]


# ------------------------------------------------------------------------------------------------- what is refused
def written() -> dict[str, Any]:
    return json.loads(own.to_json(classifier(), heading.heading_of(classifier(), analysed(), sklearn=False)))


def forged(content: dict[str, Any]) -> str:
    """A file that somebody changed who knows how to make its digest fit."""
    rest = {name: value for name, value in content.items() if name != "sha256"}
    return json.dumps(rest | {"sha256": heading.digest_of(rest)})


def curve(content, **values):
    index = next(i for i, c in enumerate(content["curves"]) if c["feature"] == "occasions")
    content["curves"][index] |= values


def rename_sensitive(content):
    last = content["features"][-1]
    content["features"][-1] = content["curves"][-1]["feature"] = "is_male"
    content["curves"][-1] |= {"direction": 0}
    content["points"] = {"is_male" if name == last else name: points for name, points in content["points"].items()}


CHANGES = {
    "another schema": (lambda c: c.update(schema_version=2), "schema version 2 of models, and 1 is read here"),
    "no format": (lambda c: c.update(format="x"), "It does not say that it is a breachpattern model"),
    "another kind": (
        lambda c: c.update(kind="Anything"),
        "It says that it holds a Anything, which is not kept as JSON",
    ),
    "a further field": (lambda c: c.update(code="import os"), "code: Extra inputs are not permitted"),
    "a field less": (lambda c: c.pop("curves"), "curves: Field required"),
    "text for a number": (lambda c: c.update(baseline="1"), "baseline: Input should be a valid number"),
    "a feature twice": (lambda c: c["features"].append(c["features"][0]), "It names a feature twice"),
    "points gone": (lambda c: c["points"].pop("occasions"), "Its points are not those of its features"),
    "points taken": (lambda c: c["points"].update(occasions=-1.0), "It takes points away"),
    "lines gone": (lambda c: c["curves"].pop(), "Its lines are not those of its features"),
    "rules turned round": (lambda c: c.update(per_point=-0.1), "It turns the rules against themselves"),
    "a baseline between steps": (lambda c: c.update(baseline=0.1), "sums with it would not be exact"),
    "the law turned round": (
        lambda c: curve(c, direction=0, knots=[1.0, 2.0], values=[1.0, 0.5]),
        "The line of occasions has another direction than its settings and the declared features give",
    ),
    "a sensitive attribute": (rename_sensitive, "'is_male' is never scored by"),
    "one class": (lambda c: c.update(classes=["x", "x"]), "It does not tell two classes apart"),
    "a falling line": (
        lambda c: curve(c, knots=[1.0, 2.0], values=[1.0, 0.5]),
        "of occasions goes against its direction",
    ),
    "knots turned": (lambda c: curve(c, knots=[2.0, 1.0], values=[0.0, 1.0]), "of occasions has knots out of order"),
    "knots without values": (
        lambda c: curve(c, knots=[1.0], values=[]),
        "of occasions has not one value for each knot",
    ),
    "values between steps": (lambda c: curve(c, knots=[1.0], values=[1e-9]), "of occasions adds what no fitted line"),
    "values below nothing": (lambda c: curve(c, knots=[1.0], values=[-1.0]), "of occasions adds what no fitted line"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_forged_file_is_refused_in_words(change, target):
    content = written()
    do, said = CHANGES[change]
    do(content)
    target.write_text(forged(content), "utf-8")
    with pytest.raises(ScoringError, match=said) as refused:
        load(target)
    assert str(target) in str(refused.value)


TEXTS = {
    "nested": (b'{"a":' * 100_000, "It is nested too deeply|It is no JSON"),
    "oversized": (b'{"a": "' + b"x" * 17_000_000 + b'"}', "It has 17,000,009 bytes of JSON, and a model has at most"),
    "infinite": (b'{"a": 1e999}', "It holds 1e999, which is no number"),
    "not a number": (b'{"a": NaN}', "It holds NaN, which is no number"),
    "twice": (b'{"a": 1, "a": 2}', "It says 'a' twice"),
    "no text": (b"\xff\xfe", r"It is no text in UTF-8"),
    "pickle": (b"\x80\x04K\x01.", r"It is no text in UTF-8"),
    "no object": (b"[1]", "It is JSON, and no object"),
    "empty": (b"", "It is no JSON"),
    "digits": (b'{"a": ' + b"9" * 10_000 + b"}", "It is no JSON"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_no_model_is_refused_in_words(name, target):
    data, said = TEXTS[name]
    target.write_bytes(data)
    with pytest.raises(ScoringError, match=said):
        load(target)


@cache
def text_of_points() -> str:
    return own.to_json(points(), heading.heading_of(points(), analysed(), sklearn=False))


@settings(max_examples=up_to(60), deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), character=st.characters(codec="ascii"))
def test_no_changed_character_goes_unnoticed(place, character):
    text = text_of_points()
    at = int(place * len(text))
    changed = text[:at] + character + text[at + 1 :]
    try:
        back, _ = own.from_json(changed.encode(), "model")
    except ScoringError:
        return
    assert json.loads(changed) == json.loads(text)
    same(points(), back, frame())


def test_a_model_of_other_law_patterns_or_features_is_refused_unless_people_looked(target):
    content = written()
    run = analysed()
    for name, said in (
        ("catalogue", "the catalogue of law"),
        ("patterns", "the patterns"),
        ("features", "the declared"),
    ):
        changed = content | {"versions": content["versions"] | {name: "older"}}
        target.write_text(forged(changed), "utf-8")
        with pytest.raises(ScoringError, match=f"The model was trained under {said}.* older, and here is"):
            load(target, run)
        assert load(target, run, accept=[name]).classes_.tolist() == ["rejected", "confirmed"]
    with pytest.raises(ScoringError, match=r"'colour' is nothing that is compared\. One of catalogue, patterns"):
        load(target, accept=["colour"])


def test_without_a_run_a_model_is_held_against_the_built_in_law_and_patterns(target):
    content = written()
    for name in ("catalogue", "patterns"):
        target.write_text(forged(content | {"versions": content["versions"] | {name: "older"}}), "utf-8")
        with pytest.raises(ScoringError, match=r"older, and here is .*name a run under them: load\(path, analysis\)"):
            load(target)
        assert load(target, accept=[name]).classes_.tolist() == ["rejected", "confirmed"]
    with pytest.raises(UsageError, match="A model is loaded for a run of an Analysis, and this is of type str"):
        load(target, "incidents.csv")


def test_features_that_are_not_offered_are_named(target):
    save(classifier(), target, analysed())
    with pytest.raises(ScoringError, match="The model reads finding_level, acts, which the features given do not have"):
        load(target, features=frame().drop(columns=["acts", "finding_level"]))
    assert load(target, features=[*frame().columns, "beside"])


def test_what_is_not_fitted_to_names_is_not_kept(target):
    with pytest.raises(ScoringError, match="The PatternScorer was not fitted to named columns"):
        save(PatternScorer().fit(frame().to_numpy()), target, analysed())


def test_a_file_that_is_no_model_is_left_alone(target):
    target.write_text("incident_id\n", "utf-8")
    with pytest.raises(OutputError, match="There is a file of this name that is no model, and it is left alone"):
        save(points(), target, analysed())
    assert target.read_text("utf-8") == "incident_id\n"
    with pytest.raises(OutputError, match="The model cannot be written"):
        save(points(), target / "below" / "model", analysed())


def test_a_model_replaces_a_model_of_either_form(target):
    forest = clone(OTHERS["forest"]).fit(frame(), labels())
    for model in (forest, points(), forest, forest):
        same(model, load(save(model, target, analysed())), frame())


def test_a_missing_file_is_told(target):
    with pytest.raises(ScoringError, match="The model cannot be read: No such file or directory"):
        load(target)


# ------------------------------------------------------------------------------------------------------------- archives
class Runs:
    """What a pickle would run."""

    def __reduce__(self):
        return os.system, ("true",)


def strange(rows):
    return rows


def test_types_that_are_not_trusted_are_not_kept(target):
    for step in (FunctionTransformer(strange), FunctionTransformer(os.system)):
        model = make_pipeline(step, clone(OTHERS["logistic"]))
        with pytest.raises(ScoringError, match=r"It is made of types that are not trusted: .*(strange|system)"):
            archive.to_archive(model, heading.heading_of(points(), analysed(), sklearn=True))
    with pytest.raises(ScoringError, match=r"not trusted: .*KDTree"):
        save(KNeighborsClassifier(algorithm="kd_tree").fit(frame().fillna(0), labels()), target, analysed())
    assert not target.exists()


@cache
def archive_of(name: str) -> bytes:
    model = clone(OTHERS[name]).fit(frame(), labels())
    return archive.to_archive(model, heading.heading_of(model, analysed(), sklearn=True))


def changed(data: bytes, **changes: bytes) -> bytes:
    """An archive whose parts somebody changed who knows how to make its digest fit."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        told = json.loads(before.read(archive.HEADING))
        for name in before.namelist():
            if name != archive.HEADING:
                after.writestr(name, changes.get(name, before.read(name)))
        told["sha256"] = archive._digest(after)
        after.writestr(archive.HEADING, json.dumps(told))
    return out.getvalue()


def test_a_forged_archive_cannot_name_other_code(target):
    data = archive_of("logistic")
    schema = zipfile.ZipFile(io.BytesIO(data)).read("schema.json").decode()
    for module, name in (("os", "system"), ("builtins", "eval"), ("subprocess", "Popen")):
        told = schema.replace('"__class__": "StandardScaler"', f'"__class__": "{name}"', 1)
        told = told.replace('"__module__": "sklearn.preprocessing._data"', f'"__module__": "{module}"', 1)
        assert told != schema
        target.write_bytes(changed(data, **{"schema.json": told.encode()}))
        with pytest.raises(ScoringError, match=f"not trusted: .*{name}"):
            load(target)


def test_an_archive_that_was_touched_or_is_none_is_refused(target):
    model = clone(OTHERS["logistic"]).fit(frame(), labels())
    data = save(model, target, analysed()).read_bytes()
    with zipfile.ZipFile(target, "a") as touched:
        touched.writestr("further", b"x")
    with pytest.raises(ScoringError, match="It was changed after it was written"):
        load(target)
    for broken, said in (
        (data[: len(data) // 2], "It is no archive that can be read"),
        (b"PK\x03\x04", "It is no archive"),
    ):
        target.write_bytes(broken)
        with pytest.raises(ScoringError, match=said):
            load(target)
    with zipfile.ZipFile(target, "w") as other:
        other.writestr("schema.json", "{}")
    with pytest.raises(ScoringError, match=r"It is an archive without a breachpattern\.json"):
        load(target)


@settings(max_examples=up_to(15), deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), octet=st.integers(0, 255))
def test_whatever_byte_of_an_archive_is_changed_it_is_refused_in_words_or_the_same(place, octet):
    data = bytearray(archive_of("logistic"))
    data[int(place * len(data))] = octet
    try:
        archive.heading_from(bytes(data), "model")
        back = archive.from_archive(bytes(data), "model")
    except ScoringError:
        return
    same(clone(OTHERS["logistic"]).fit(frame(), labels()), back, frame())


def test_an_archive_that_unpacks_to_more_than_a_model_is_refused(target, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST", 1_000_000)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("schema.json", b"0" * 2_000_000)
    with pytest.raises(ScoringError, match="It unpacks to 2,000,000 bytes, and a model has at most 1,000,000"):
        load(target)


def test_an_archive_of_another_scikit_learn_is_refused(target, monkeypatch):
    model = clone(OTHERS["logistic"]).fit(frame(), labels())
    monkeypatch.setattr(heading, "_minor", lambda text: "1.0")
    save(model, target, analysed())
    monkeypatch.undo()
    with pytest.raises(ScoringError, match=r"The model was trained under scikit-learn 1\.0, and here is"):
        load(target)


@pytest.mark.parametrize("name", ["forest", "boosting"])
def test_trees_that_lead_nowhere_are_refused(name, target):
    data = archive_of(name)
    arrays = zipfile.ZipFile(io.BytesIO(data))
    tried = 0
    for member in arrays.namelist():
        if not member.endswith(".npy"):
            continue
        values = np.load(io.BytesIO(arrays.read(member)), allow_pickle=False)
        for field in {"left_child", "left"} & set(values.dtype.names or ()):
            for wrong in (10_000, 0) if "left" in field else (10_000,):
                bad = values.copy()
                bad[field][0] = wrong
                out = io.BytesIO()
                np.save(out, bad)
                target.write_bytes(changed(data, **{member: out.getvalue()}))
                with pytest.raises(ScoringError, match="A tree in it leads nowhere"):
                    load(target)
                tried += 1
        if tried >= 4:
            break
    assert tried


def test_without_skops_the_install_line_is_told(monkeypatch, target):
    import sys

    monkeypatch.setitem(sys.modules, "skops", None)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    model = clone(OTHERS["logistic"]).fit(frame(), labels())
    with pytest.raises(bp.errors.MissingDependency, match=r"skops is needed .* pip install 'breachpattern\[ml\]'"):
        save(model, target, analysed())
    same(points(), load(save(points(), target, analysed())), frame())


def test_what_own_writes_no_fitted_model_contradicts():
    told = own.from_json(
        own.to_json(classifier(), heading.heading_of(classifier(), analysed(), sklearn=False)).encode(), "x"
    )
    assert told[0].model_ == classifier().model_
