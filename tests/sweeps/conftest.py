"""Trainings are scored on 120 test reviews: they are about what becomes of runs, not of accuracy."""

import pytest


@pytest.fixture(scope="session")
def verdict_cache(small_verdict_cache):
    return small_verdict_cache
