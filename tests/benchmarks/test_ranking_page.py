"""The page on rankings says what the kept results say, also where a claim does not hold."""

from __future__ import annotations

import copy

import pytest

from benchmarks import bench_ranking, ranking_page, ranking_why


def test_the_page_is_that_of_the_kept_results():
    written = ranking_page.ASSESSMENT.path.read_text("utf-8")
    assert ranking_page.ASSESSMENT.filled(written, ranking_page.ASSESSMENT.read()) == written


def test_a_claim_that_does_not_hold_is_said_not_to():
    results = copy.deepcopy(ranking_page.ASSESSMENT.read())
    for row in results["runs"][0]["differences"]:
        if (row["measure"], row["scorer"], row["beside"]) == ("average_precision", "classifier", "rule_rank"):
            row |= {"difference": -0.1, "low": -0.2, "high": -0.05}
    seed = results["runs"][0]["seed"]
    assert f"average precision, seed {seed} (no)" in ranking_page.verdict(results)
    assert "| -0.100 (-0.200 to -0.050) | no |" in ranking_page.margins(results)


def test_a_page_without_a_part_is_refused():
    with pytest.raises(ValueError, match="made"):
        ranking_page.ASSESSMENT.filled("# A page", ranking_page.ASSESSMENT.read())


@pytest.mark.slow
def test_a_small_force_gives_every_part_of_the_page():
    done = bench_ranking.run(6_000, 1, lists=2, resamples=30)
    results = {"machine": ranking_page.ASSESSMENT.read()["machine"], "runs": [done], "why": ranking_why.why(6_000, 1)}
    for block in ranking_page.BLOCKS.values():
        assert block(results).count("\n") >= 1
    assert done["trained"]["units"] < done["whole_about"]["units"] / 5
