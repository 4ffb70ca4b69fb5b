"""Grids of runs on an existing engine."""
