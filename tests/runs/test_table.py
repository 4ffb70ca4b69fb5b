"""The table of runs."""

from rnn_core.runs.run import FINISHED
from rnn_core.runs.table import runs_table


def test_the_table_shows_the_settings_in_which_runs_differ_and_no_others(store, tiny):
    one = store.create(tiny, "one")
    two = store.create(tiny.with_settings(cell="lstm", seed=7), "two")
    store.claim(one.id)
    store.finish(one.id, FINISHED, "Finished", {"accuracy": 0.75})
    table = runs_table([store.get(one.id), store.get(two.id)])
    assert list(table["name"]) == ["one", "two"]
    assert list(table["state"]) == ["finished", "queued"]
    assert table["test accuracy"].tolist()[0] == 0.75
    assert table["test accuracy"].isna().tolist() == [False, True]
    assert list(table["cell"]) == ["gru", "lstm"]
    assert list(table["seed"]) == [0, 7]
    assert "hidden size" not in table


def test_the_table_of_no_runs_is_empty():
    assert len(runs_table([])) == 0
