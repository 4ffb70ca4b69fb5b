"""Networks that are compared differ in their cell and not in what they read or hold."""

from rnn_core.config.run import RunConfig
from rnn_core.models.alike import one_of_each_cell


def cell(config: RunConfig) -> str:
    return config.model.cell


def made(**settings: object) -> RunConfig:
    return RunConfig().with_settings(**settings)


def test_of_each_cell_it_is_the_first_that_is_alike_however_it_was_trained() -> None:
    configs = {
        "best": made(cell="gru", bigrams=500),
        "elman": made(cell="elman", learning_rate=0.1, max_length=100),
        "gru": made(cell="gru", hidden_size=128),
        "gru-again": made(cell="gru", seed=3),
        "lstm": made(cell="lstm", head_dropout=0.3),
        "lstm-large": made(cell="lstm", hidden_size=256),
    }
    assert one_of_each_cell(configs, cell) == ["elman", "gru", "lstm"]


def test_networks_of_other_texts_are_not_alike() -> None:
    configs = {"a": made(cell="gru"), "b": RunConfig(data="verdict").with_settings(cell="lstm")}
    assert one_of_each_cell(configs, cell) == []


def test_of_two_groups_the_one_with_more_cells_is_taken() -> None:
    small = {f"small-{name}": made(cell=name, hidden_size=8) for name in ("gru", "lstm")}
    large = {f"large-{name}": made(cell=name) for name in ("gru", "lstm", "elman")}
    assert one_of_each_cell({**small, **large}, cell) == [*large]
    assert one_of_each_cell({}, cell) == []
