"""Calibration: what nobody measured, fitted jointly to what was published."""
