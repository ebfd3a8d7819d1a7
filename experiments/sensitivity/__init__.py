"""Sensitivity: which of the numbers that nobody knows exactly matter most for an outcome."""
