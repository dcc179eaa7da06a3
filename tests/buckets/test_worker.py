import gc
from collections import deque

import pyarrow as pa

from breachpattern.buckets import Setting
from breachpattern.buckets.bucket import scored
from breachpattern.buckets.worker import FEW, _make_ready
from breachpattern.law import Catalogue


def test_what_a_worker_makes_ready_is_what_buckets_ask_for(monkeypatch):
    asked = []
    monkeypatch.setattr("breachpattern.buckets.worker.scored", lambda *given: asked.append(given) or scored(*given))
    setting = Setting(1_782_860_399, Catalogue.load())
    _make_ready(setting)
    gc.unfreeze()
    (rows, same), *more = asked
    assert same is setting
    assert not more
    out, _ = scored(rows, setting)
    # Order and acts are understood: the words of the law were asked for.
    assert out["breaches"]["status"].to_pylist() == ["unrecorded", "recorded"]
    assert out["issues"].num_rows == 0


def test_a_scored_bucket_is_gone_as_soon_as_nobody_holds_it():
    # What lies in a cycle stays until the collector comes, beside the columns of the next bucket.
    setting = Setting(1_782_860_399, Catalogue.load())
    rows = {table: pa.table(columns) for table, columns in FEW.items()}
    deque(scored(rows, setting)[1])
    gc.collect()
    gc.disable()
    try:
        deque(scored(rows, setting)[1])
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_setting_that_makes_no_sense_is_left_for_the_first_bucket_to_tell(tmp_path):
    _make_ready(Setting(1_782_860_399, Catalogue.load(), patterns=(str(tmp_path / "nowhere"),)))
    gc.unfreeze()
