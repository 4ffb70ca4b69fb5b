"""Grids of runs on an existing engine, and what they are measured against."""
