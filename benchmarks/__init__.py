"""Benchmarks: programs that print ratios, never timed tests."""
