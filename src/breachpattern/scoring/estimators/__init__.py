"""Estimators: points without training, a classifier that learns from decisions, and any other of scikit-learn."""
