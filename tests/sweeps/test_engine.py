"""A sweep with real processes: each run once, kept in the store, whatever is killed."""

import dataclasses
import pickle
import shutil
import signal
import sys
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import pytest
from joblib.externals.loky import get_reusable_executor

import rnn_core.sweeps.engine as engine
import rnn_core.sweeps.kept_runs as kept_runs
from rnn_core.cli.errors import GIVEN_UP
from rnn_core.data.sources import bare_config
from rnn_core.errors import DataError, StoreError, SweepError
from rnn_core.models.model import Model
from rnn_core.models.probing import probe
from rnn_core.paths import runs_folder
from rnn_core.runs.history import StoredRecords
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.sweeps.cluster import without_texts
from rnn_core.sweeps.engine import LostWorkError, run_sweep
from rnn_core.sweeps.kept_runs import UnkeptError, rebuild, waiting
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid
from rnn_core.sweeps.work import train_here
from rnn_core.training.records import read_history
from tests.own import QUICK
from tests.runs.workers import PATIENCE
from tests.sweeps import dying

SWEEP = Sweep(name="try", base=QUICK, cases=[{"cell": "elman"}, {"cell": "gru"}], seeds=[0, 1])
ONE_SEED = dataclasses.replace(SWEEP, seeds=[0])

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_corpus")]


def test_a_run_whose_process_was_killed_is_done_again_and_none_is_stored_twice(monkeypatch, tmp_path):
    # First in this file: after it the processes that the others use, too, have to begin once more.
    mark = tmp_path / "died"
    trained = {point.config: pickle.dumps(train_here(point.config)) for point in SWEEP.points()}
    monkeypatch.setattr(engine, "train_here", partial(dying.dies_once, mark, trained))
    store = Store()
    *_, last = run_sweep(SWEEP, store, workers=2)
    # Where the first run needed no torch, loky takes the second one, which imports it, for a leak.
    get_reusable_executor(kill_workers=True).shutdown()
    assert mark.exists()
    assert last.progress.done == 4
    assert len(Results("try").all()) == len(store.runs.all()) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="it blocks no signals")
def test_ctrl_c_in_a_terminal_is_left_to_the_process_that_does_the_sweep(monkeypatch):
    monkeypatch.setattr(engine, "train_here", dying.signals_that_wait)
    with engine._trainers(SWEEP, 2, "") as train:
        [there] = train([QUICK])
    get_reusable_executor(kill_workers=True).shutdown()
    assert signal.SIGINT in there
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.parametrize("workers", [1, 2])
def test_every_point_is_trained_once_and_kept_as_a_run(workers):
    store = Store()
    steps = list(run_sweep(SWEEP, store, workers=workers))
    assert [step.progress[1:] for step in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    results = Results("try").all()
    done = {(result.case["cell"], result.seed) for result in results}
    assert done == {(point.case["cell"], point.seed) for point in SWEEP.points()}
    assert len(results) == len(store.runs.all()) == 4
    for result in results:
        run = store.runs.get(result.run)
        assert run.state == FINISHED
        assert run.config == QUICK.with_settings(cell=result.case["cell"], seed=result.seed)
        assert run.scores["accuracy"] == result.test_accuracy
        assert Model.load(store.folder(run.id)).config == run.config
        assert read_history(store.folder(run.id), run.config.model.cell)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_run_has_right_of_the_probes_is_in_its_result_and_in_a_file_made_again(
    monkeypatch, tiny_corpus, workers
):
    monkeypatch.setattr(engine, "train_here", partial(train_here, corpus=without_texts(tiny_corpus)))
    store, on_imdb = Store(), dataclasses.replace(ONE_SEED, base=dataclasses.replace(QUICK, data="imdb"))
    list(run_sweep(on_imdb, store, workers=workers))
    results = Results("try")
    kept = results.all()
    for result in kept:
        answered = probe(Model.load(store.folder(result.run)), "development")
        assert (result.sentences_right, result.pairs_right) == (answered.sentences, answered.whole_pairs)
    results.path.unlink()
    again = {result.run: result for result in rebuild(store, "try").all()}
    assert again == {result.run: result for result in kept}


def test_a_sweep_that_was_given_up_goes_on_without_doing_a_run_twice():
    store = Store()
    steps = run_sweep(SWEEP, store)
    first = next(steps)
    steps.close()
    assert [step.progress.done for step in run_sweep(SWEEP, store)] == [2, 3, 4]
    results = Results("try").all()
    assert results[0] == first.result
    assert len({(result.case["cell"], result.seed) for result in results}) == len(results) == 4
    assert len(store.runs.all()) == 4


def test_the_file_of_results_is_not_made_anew_over_a_run_that_it_is_made_of():
    store, results = Store(), Results("try")
    list(run_sweep(ONE_SEED, store))
    run = store.folder(results.all()[0].run) / "sweep.json"
    results.path.unlink()
    results.path.hardlink_to(run)
    with pytest.raises(DataError, match=r"would replace .*sweep\.json, which is read"):
        rebuild(store, "try")
    assert results.path.samefile(run)


def test_the_file_of_results_is_made_anew_from_the_store_and_keeps_what_other_machines_made():
    store, results = Store(), Results("try")
    list(run_sweep(SWEEP, store, workers=2))
    file = results.path.read_text()
    results.path.unlink()
    assert sorted(rebuild(store, "try").path.read_text().splitlines()) == sorted(file.splitlines())
    elsewhere = dataclasses.replace(results.all()[0], run="260101-000000-abcd", made="2026-01-01", seed=7)
    results.rewrite(SWEEP, [elsewhere])
    assert [result.run for result in rebuild(store, "try").all()][:1] == ["260101-000000-abcd"]
    assert len(results.all()) == 5
    with results.path.open("a") as file:
        file.write("damaged\n")
    assert rebuild(store, "try").path == results.path
    assert len(results.all()) == 5
    with pytest.raises(SweepError, match="No run of a sweep called other"):
        rebuild(store, "other")


def test_a_run_that_is_given_up_while_it_is_kept_leaves_nothing(monkeypatch):
    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(StoredRecords, "append", interrupted)
    store = Store()
    with pytest.raises(KeyboardInterrupt):
        list(run_sweep(SWEEP, store))
    assert store.runs.all() == []
    assert list(runs_folder().glob("2*")) == []
    assert Results("try").all() == []


def test_a_run_that_is_missing_in_the_results_is_added_unless_its_keeping_was_cut_off_by_a_kill():
    store = Store()
    *_, last = run_sweep(SWEEP, store)
    results = Results("try")
    kept = results.all()
    results.rewrite(SWEEP, kept[:-1])
    assert list(run_sweep(SWEEP, store)) == []
    assert (results.all(), len(store.runs.all())) == (kept, 4)
    results.rewrite(SWEEP, kept[:-1])
    with store.database.writing() as connection:
        connection.execute("UPDATE runs SET state = 'running' WHERE id = ?", (last.result.run,))
    assert [step.progress.done for step in run_sweep(SWEEP, store)] == [4]
    assert results.all()[-1].run != last.result.run


def test_a_file_made_anew_has_all_cases_of_a_sweep_that_has_grown():
    store, results = Store(), Results("try")
    list(run_sweep(dataclasses.replace(ONE_SEED, cases=SWEEP.cases[:1]), store))
    list(run_sweep(dataclasses.replace(SWEEP, cases=SWEEP.cases[1:], seeds=[1]), store))
    grown = results.sweep()
    results.path.unlink()
    assert rebuild(store, "try").sweep() == grown
    assert len(grown) == 4
    assert len(results.all()) == 2


def test_a_sweep_of_other_factors_under_the_same_name_is_left_out_of_a_file_made_anew():
    store, results = Store(), Results("try")
    list(run_sweep(dataclasses.replace(ONE_SEED, cases=[{"max_length": 5}]), store))
    results.path.unlink()
    list(run_sweep(dataclasses.replace(ONE_SEED, cases=[{"cell": "gru"}]), store))
    file = results.path.read_text()
    results.path.unlink()
    assert rebuild(store, "try").path.read_text() == file


def test_what_is_kept_of_another_sweep_and_can_not_be_read_stops_no_sweep():
    store = Store()
    step, _ = run_sweep(dataclasses.replace(ONE_SEED, name="other"), store)
    path = store.folder(step.result.run) / "sweep.json"
    path.write_text(path.read_text().replace('"vocab_size":5000', '"vocab_size":1000000000'))
    assert len(list(run_sweep(SWEEP, store))) == 4
    with pytest.raises(SweepError, match=r"sweep\.json is damaged"):
        rebuild(store, "other")


def test_in_one_process_and_in_several_the_runs_are_the_same():
    def scores(name, workers):
        list(run_sweep(dataclasses.replace(ONE_SEED, name=name), Store(), workers=workers))
        return {result.case["cell"]: result.test_loss for result in Results(name).all()}

    assert scores("one", 1) == scores("several", 2)


@pytest.mark.usefixtures("forked_workers")
def test_an_interruption_while_the_processes_begin_gives_up_like_any_other(tmp_path):
    from tests.runs.forked import Forked  # it imports all that a worker imports

    Results("try").begin(SWEEP)
    call, log = dying.interrupted_as_its_processes_begin, tmp_path / "log"
    ended = Forked(call, "try", log=log, has_children=True)
    assert ended.wait(PATIENCE) == GIVEN_UP, log.read_text()
    assert "Given up." in log.read_text()


def test_processes_that_die_again_and_again_end_the_sweep_with_a_sentence(monkeypatch):
    monkeypatch.setattr(engine, "train_here", dying.dies)
    monkeypatch.setattr(engine, "MOST_LOST", 1)
    with pytest.raises(LostWorkError, match="were killed 2 times"):
        list(run_sweep(SWEEP, Store(), workers=2))
    assert Results("try").all() == []


def test_a_result_that_can_not_be_read_is_no_killed_process(monkeypatch):
    monkeypatch.setattr(engine, "train_here", dying.unreadable)
    with pytest.raises(BrokenProcessPool, match="un-serialize"):
        list(run_sweep(SWEEP, Store(), workers=2))


@pytest.fixture
def trained(monkeypatch):
    """The seeds of all runs that are trained."""
    seeds, train = [], engine.train_here

    def noted(config):
        seeds.append(config.training.seed)
        return train(config)

    monkeypatch.setattr(engine, "train_here", noted)
    return seeds


NO_ROOM = OSError(28, "No space left on device")


def finds_no_room(monkeypatch, sweep, match, *places, error=NO_ROOM):
    """Run a sweep that ends with this sentence, since the store and these functions find no room."""

    def full(*_):
        raise error

    with monkeypatch.context() as disk:
        for module, function in ((Store, "take_in"), *places):
            disk.setattr(module, function, full)
        with pytest.raises(UnkeptError, match=match):
            list(run_sweep(sweep, Store()))


@pytest.mark.parametrize("error", [NO_ROOM, StoreError("The runs can't be written.")], ids=["files", "list"])
def test_a_run_that_finds_no_room_is_taken_in_by_the_next_start_and_not_trained_again(
    trained, monkeypatch, error
):
    two = dataclasses.replace(SWEEP, cases=[{"cell": "gru"}])
    store = Store()
    for _ in range(2):
        finds_no_room(monkeypatch, two, r"It waits in .* nothing is trained twice", error=error)
        assert trained == [0]  # nor while the disk stays full
        assert Results("try").all() == []
    assert [step.progress.done for step in run_sweep(two, store)] == [2]
    assert trained == [0, 1]
    first, _ = Results("try").all()
    run = store.runs.get(first.run)
    assert (run.state, run.config.training.seed, first.seed) == (FINISHED, 0, 0)
    assert run.scores["accuracy"] == first.test_accuracy
    assert Model.load(store.folder(run.id)).config == run.config
    assert store.records.all(run.id) == read_history(store.folder(run.id), "gru") != []
    assert waiting("try") == []


def test_a_run_for_which_there_is_no_room_anywhere_is_said_to_be_lost(trained, monkeypatch):
    finds_no_room(monkeypatch, SWEEP, "has to be trained again", (shutil, "copytree"))
    assert waiting("try") == []
    assert len(list(run_sweep(SWEEP, Store()))) == 4
    assert len(trained) == 5


def test_what_waits_only_in_part_is_no_run(trained, monkeypatch):
    finds_no_room(monkeypatch, SWEEP, "It waits in")
    [run] = waiting("try")
    (run.place / "about.json").unlink()
    assert waiting("try") == []
    assert not run.place.exists()


def test_a_sweep_whose_teachers_are_of_one_seed_does_not_begin_with_two():
    store = Store()
    one = dataclasses.replace(ONE_SEED, cases=[{"cell": "elman"}])
    list(run_sweep(one, store))
    [teacher] = store.runs.all()
    taught = dataclasses.replace(one, name="taught", base=QUICK.with_settings(teachers=teacher.id))
    with pytest.raises(SweepError, match=r"The run with seed 1 can't begin\. The teacher .* --seed 0"):
        next(run_sweep(dataclasses.replace(taught, seeds=(0, 1)), store))
    assert not Results("taught").exists()
    assert len(list(run_sweep(taught, store))) == 1


def test_a_published_question_takes_up_what_another_has_trained_and_ones_own_sweep_does_not(monkeypatch):
    monkeypatch.setattr(kept_runs, "PUBLISHED", frozenset({"try", "other"}))
    store = Store()
    list(run_sweep(SWEEP, store))
    cases = [{"cell": "gru", "learning_rate": QUICK.training.learning_rate}]
    assert list(run_sweep(dataclasses.replace(SWEEP, name="other", cases=cases), store)) == []
    by_seed = {result.seed: result for result in Results("try").all() if result.case["cell"] == "gru"}
    for result in Results("other").all():
        assert result == dataclasses.replace(by_seed[result.seed], case=cases[0])
    assert len(list(run_sweep(dataclasses.replace(ONE_SEED, name="mine", cases=cases), store))) == 1


def test_languages_are_compared_in_bits_and_right_strings(monkeypatch, tmp_path):
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path))
    base = bare_config("language-reber", reviews=100, epochs=1, max_length=200, vocab_size=20, hidden_size=4)
    sweep = Sweep(name="of-languages", base=base, cases=grid({"data": ["language-parity", "language-reber"]}))
    results = [ended.result for ended in run_sweep(sweep, Store())]
    assert {result.case["data"] for result in results} == {"language-parity", "language-reber"}
    for result in results:
        model = Model.load(Store().folder(result.run), sweep.base.task)
        assert model.config.data == result.case["data"]
        assert result.validation_accuracy is None
        assert result.validation_bits_per_token == Store().runs.get(result.run).validation_accuracy
        for column, score in {
            "test_bits_per_token": "bits_per_token", "bits_above_truth": "bits_above_truth",
            "right_strings": "right_strings", "right_longer_strings": "right_longer_strings",
            "test_accuracy": "accuracy", "test_loss": "loss",
        }.items():  # fmt: skip
            assert getattr(result, column) == model.scores[score], column
    assert Results("of-languages").all() == results
    search = results[0].without_test()
    assert search.validation_bits_per_token == results[0].validation_bits_per_token
    assert search.test_bits_per_token is search.right_strings is search.test_accuracy is None
