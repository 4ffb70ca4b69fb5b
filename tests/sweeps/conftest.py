"""A corpus for sweeps with real processes."""

import pytest

from rnn_core.data.sources import load_corpus


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """The verdict corpus, made once for all of these tests."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_CACHE", str(folder))
        load_corpus("verdict")
    return folder


@pytest.fixture
def with_corpus(cache, monkeypatch):
    """The tests' cache has it."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))
