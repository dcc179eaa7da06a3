import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from breachpattern.spark.components import components, label_codes


def links(seed=1):
    """Return links of small groups, a chain of many steps, a hub of many codes, and some of a code to itself."""
    draw = np.random.default_rng(seed)
    codes = draw.integers(-(2**62), 2**62, 400)
    chain, hub = codes[:60], codes[60:140]
    left = np.concatenate([chain[:-1], np.full(80, codes[140]), draw.choice(codes[141:], 120), codes[:5]])
    right = np.concatenate([chain[1:], hub, draw.choice(codes[141:], 120), codes[:5]])
    return left, right


def by_networkx(left, right):
    graph = nx.Graph()
    graph.add_edges_from((a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True) if a != b)
    return {code: min(group) for group in nx.connected_components(graph) for code in group}


def test_codes_are_labelled_as_networkx_does():
    left, right = links()
    apart = left != right
    code, component = label_codes(left[apart], right[apart])
    assert dict(zip(code.tolist(), component.tolist(), strict=True)) == by_networkx(left, right)


@pytest.mark.spark
@pytest.mark.parametrize("on_driver", [10_000, 0], ids=["on the driver", "by stars"])
def test_both_ways_find_the_components_that_networkx_finds(spark, on_driver):
    left, right = links()
    found = components(spark.createDataFrame(pa.table({"left": left, "right": right})), on_driver).toArrow()
    assert found.num_rows == len(set(found["code"].to_pylist()))
    pairs = zip(found["code"].to_pylist(), found["component"].to_pylist(), strict=True)
    assert dict(pairs) == by_networkx(left, right)


@pytest.mark.spark
@pytest.mark.parametrize("on_driver", [10, 0])
def test_without_links_there_are_no_components(spark, on_driver):
    nothing = pa.table({"left": pa.array([4], pa.int64()), "right": pa.array([4], pa.int64())})
    assert components(spark.createDataFrame(nothing), on_driver).count() == 0
