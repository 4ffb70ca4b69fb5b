"""What a corpus is: a network of another one is not read with it, and a class has one spelling."""

import pytest

from rnn_core.config.identity import place_of
from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.errors import ConfigError

OWN = RunConfig(data="tickets", classes=("a", "b"), corpus_mark="0f")
COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


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


def config_of(*classes):
    return RunConfig.from_dict({"data": "own", "classes": classes})


def test_a_configuration_has_its_classes_in_one_spelling():
    assert config_of("bar", DECOMPOSED) == config_of("bar", COMPOSED)
    assert not config_of("bar", DECOMPOSED).identity.differs(config_of("bar", COMPOSED).identity)


def test_a_configuration_of_before_with_two_classes_of_one_look_is_still_read():
    assert config_of(COMPOSED, DECOMPOSED).classes == (COMPOSED, DECOMPOSED)


def test_a_class_is_found_however_its_name_is_typed():
    assert place_of(DECOMPOSED, ("bar", COMPOSED)) == place_of(COMPOSED, ("bar", COMPOSED)) == 1
    assert place_of(DECOMPOSED, (COMPOSED, DECOMPOSED)) == 1
    assert place_of("tea", ("bar", COMPOSED)) is None
