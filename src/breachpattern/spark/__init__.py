"""Scoring on Spark: extracts that outgrow a machine."""
