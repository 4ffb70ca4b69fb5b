"""What a corpus is: a network of another one is not read with it."""

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.errors import ConfigError

OWN = RunConfig(data="tickets", classes=("a", "b"), corpus_mark="0f")


def test_a_mark_is_kept_and_other_settings_keep_it():
    assert RunConfig.from_json(OWN.to_json()) == OWN
    assert OWN.with_settings(epochs=2).corpus_mark == "0f"


@pytest.mark.parametrize("mark", ["x", "0" * 65, 7])
def test_what_is_no_mark_is_refused(mark):
    with pytest.raises(ConfigError, match="mark of a corpus"):
        RunConfig.from_dict({"data": "tickets", "corpus_mark": mark})


def test_corpora_that_come_with_the_app_have_none():
    with pytest.raises(ConfigError, match="classes of imdb"):
        RunConfig(data="imdb", corpus_mark="0f")


@pytest.mark.parametrize(
    ("other", "how"),
    [
        ({"classes": ("a", "c")}, "classes a, c, not a, b"),
        ({"tokens": TokenRules(unit="characters")}, "cut into other tokens"),
        ({"corpus_mark": "1e"}, "another table, or in another way"),
        ({}, ""),
    ],
)
def test_a_difference_is_said(other, how):
    config = RunConfig(**{"data": "tickets", "classes": ("a", "b"), "corpus_mark": "0f", **other})
    assert how in OWN.identity.differs(config.identity)
    assert bool(OWN.identity.differs(config.identity)) == bool(how)
