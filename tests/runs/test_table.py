"""The table of runs."""

from rnn_core.models.folder import save_model
from rnn_core.nn.classifier import Classifier
from rnn_core.runs.run import FINISHED
from rnn_core.runs.table import comparison, runs_table
from rnn_core.text.vocabulary import Vocabulary


def test_the_table_shows_the_settings_in_which_runs_differ_and_no_others(store, tiny):
    one = store.create(tiny, "one")
    two = store.create(tiny.with_settings(cell="lstm", seed=7), "two")
    store.turns.claim(one.id)
    store.runs.finish(
        one.id,
        FINISHED,
        "Finished",
        {"accuracy": 0.75, "loss": 0.5, "reviews": 4, "confusion": [[2, 0], [1, 1]]},
    )
    names = {one.id: "one", two.id: "two"}
    table = runs_table([store.runs.get(one.id), store.runs.get(two.id)], names)
    assert list(table["Run"]) == ["one", "two"]
    assert list(table["State"]) == ["finished", "queued"]
    assert table["Test"].tolist()[0] == 0.75
    assert table["Test"].isna().tolist() == [False, True]
    assert list(table["Cell"]) == ["GRU", "LSTM"]
    assert list(table["Seed"]) == [0, 7]
    assert list(table["Id"]) == [one.id, two.id]
    assert "Hidden size" not in table
    assert "Recipe" not in table


def test_runs_that_were_trained_in_different_ways_name_their_recipes(store, tiny):
    runs = [store.create(tiny), store.create(tiny.with_settings(head_dropout=0.5))]
    table = runs_table(runs, {run.id: run.id for run in runs})
    assert list(table["Recipe"]) == ["generated reviews, plain", "generated reviews, dropouts"]


def test_the_table_of_no_runs_is_empty():
    assert len(runs_table([], {})) == 0


def test_a_comparison_has_results_parameters_and_the_settings_that_differ(store, tiny):
    words = Vocabulary.from_counts({"the": 3, "film": 2}, 20)
    runs = [store.create(tiny, "one"), store.create(tiny.with_settings(hidden_size=9), "two")]
    folders = {run.id: store.folder(run.id) for run in runs}
    network = Classifier(tiny.model, len(words))
    save_model(folders[runs[0].id], tiny, words, network.state_dict())
    table = comparison(runs, {run.id: run.name for run in runs}, folders)
    results = ["Validation", "Test", "Parameters", "Seconds"]
    assert list(table) == ["Run", *results, "Hidden size"]
    assert list(table["Hidden size"]) == [tiny.model.hidden_size, 9]
    assert table["Parameters"][0] == sum(weights.numel() for weights in network.parameters())
    assert table["Parameters"].isna()[1]  # it has learned no vocabulary yet
    assert table["Test"].isna().all()
