"""Run the benchmark of the main job: ``python -m benchmarks [--incidents N]``."""

from benchmarks.bench_score import main

main()
