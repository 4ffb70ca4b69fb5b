"""A class has one name, in whatever normal form of Unicode it comes."""

from rnn_core.config.class_names import place_of
from rnn_core.config.run import RunConfig

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


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
