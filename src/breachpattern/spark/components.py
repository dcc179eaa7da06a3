"""Which rows belong together: connected components of links between codes, found by Spark.

Up to a stated number of links they are brought to the driver, where scipy takes a second for millions. Beyond that
data frames do the work: large stars and small stars in turn (Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii,
*Connected Components in MapReduce and Beyond*, 2014), each round cut off from the plan of the rounds before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.errors import BreachpatternError
from breachpattern.spark.frames import frame_of

# Sixteen bytes each: what a driver of Spark's default gigabyte holds several times over.
LINKS_ON_DRIVER = 5_000_000
ROUNDS = 60


def components(links: Any, on_driver: int = LINKS_ON_DRIVER) -> Any:
    """Return the component of every code that some link joins to another.

    Parameters
    ----------
    links : pyspark.sql.DataFrame
        Columns ``left`` and ``right``: whole numbers of 64 bits.
    on_driver : int, default 5,000,000
        Up to so many distinct links the driver does it.

    Returns
    -------
    pyspark.sql.DataFrame
        Columns ``code`` and ``component``, the smallest code of it: one row for each code of two or more that are
        joined.
    """
    from pyspark.sql import functions as f

    ordered = links.where("left <> right").select(
        f.greatest("left", "right").alias("code"), f.least("left", "right").alias("component")
    )
    ordered = _cut(ordered.distinct())
    return _by_scipy(ordered) if ordered.count() <= on_driver else _by_stars(ordered)


def _by_scipy(links: Any) -> Any:
    """Return the components of distinct links, found on the driver."""
    table = links.toArrow()
    code, label = label_codes(*(table[name].to_numpy() for name in ("code", "component")))
    return frame_of(links.sparkSession, pa.table({"code": code, "component": label}))


def label_codes(left: Any, right: Any) -> tuple[Any, Any]:
    """Return the distinct codes of some links, and the smallest code of the component of each.

    Parameters
    ----------
    left, right : (n,) int64

    Examples
    --------
    >>> code, component = label_codes(np.array([7, 9, 4]), np.array([5, 7, 3]))
    >>> code.tolist(), component.tolist()
    ([3, 4, 5, 7, 9], [3, 3, 5, 5, 5])
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    codes, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    ends = place.reshape(2, -1)
    graph = coo_array((np.ones(ends.shape[1], np.bool_), (ends[0], ends[1])), shape=(len(codes), len(codes)))
    label = connected_components(graph, directed=False)[1]
    # The codes are sorted, so that the first of each label is its smallest.
    first = np.unique(label, return_index=True)[1]
    return codes, codes[first][label]


def _by_stars(links: Any) -> Any:
    """Return the components of distinct links by large and small stars, until a round changes nothing."""
    from pyspark.sql import functions as f

    seen = _mark(links)
    for _ in range(ROUNDS):
        links = _cut(_small_stars(_large_stars(links)))
        mark = _mark(links)
        if mark == seen:
            roots = links.select(f.col("component").alias("code"), "component").distinct()
            return links.unionByName(roots)
        seen = mark
    raise BreachpatternError(
        f"The components of the links were not found within {ROUNDS} rounds.", hint="Score without --engine spark."
    )


def _large_stars(links: Any) -> Any:
    """Join every larger neighbour of each code to the smallest of its neighbourhood."""
    from pyspark.sql import functions as f

    turned = links.select(f.col("component").alias("code"), f.col("code").alias("component"))
    both = links.unionByName(turned)
    least = both.groupBy("code").agg(f.least(f.min("component"), f.col("code")).alias("least"))
    joined = both.join(least, "code").where("component > code")
    return joined.select(f.col("component").alias("code"), f.col("least").alias("component")).distinct()


def _small_stars(links: Any) -> Any:
    """Join each code and its smaller neighbours to the smallest of them."""
    from pyspark.sql import functions as f

    least = links.groupBy("code").agg(f.min("component").alias("least"))
    others = links.join(least, "code").where("component <> least")
    others = others.select(f.col("component").alias("code"), f.col("least").alias("component"))
    return others.unionByName(least.withColumnRenamed("least", "component")).distinct()


def _mark(links: Any) -> tuple[Any, ...]:
    """Return what tells one set of links from another: how many there are, and a sum over all of them."""
    from pyspark.sql import functions as f

    total = f.sum(f.xxhash64("code", "component").cast("decimal(38,0)"))
    return tuple(links.agg(f.count("*"), total).first())


def _cut(frame: Any) -> Any:
    """Return a frame that is worked out and cut off from its plan: in the checkpoint folder, where there is one."""
    if frame.sparkSession.conf.get("spark.checkpoint.dir", "") or _has_folder(frame.sparkSession):
        return frame.checkpoint()
    return frame.localCheckpoint()


def _has_folder(session: Any) -> bool:
    context = getattr(session, "sparkContext", None)
    return context is not None and context.getCheckpointDir() is not None
