"""A sweep with real processes: each run once, kept in the store, whatever is killed."""

import pickle
import shutil
import signal
import sys
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from unittest.mock import Mock

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
from tests.runs.workers import PATIENCE, artifacts_in
from tests.sweeps import processes

SWEEP = Sweep(name="try", base=QUICK, cases=[{"cell": "elman"}, {"cell": "gru"}], seeds=[0, 1])
ONE_SEED = replace(SWEEP, seeds=[0])
GRU = replace(SWEEP, cases=[{"cell": "gru"}])

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_corpus")]


@pytest.fixture(scope="module")
def ended(verdict_cache, tmp_path_factory):
    """The artifacts of a machine on which the sweep has ended, and its steps."""
    with artifacts_in(tmp_path_factory.mktemp("ended"), verdict_cache) as folder:
        return folder, list(run_sweep(SWEEP, Store()))


@pytest.fixture
def store(ended, tmp_path):
    """The store of such a machine."""
    shutil.copytree(ended[0], tmp_path / "artifacts")
    return Store()


def test_a_run_whose_process_was_killed_is_done_again(monkeypatch, tmp_path):
    # First in this file: after it the processes that the others use, too, have to begin once more.
    mark = tmp_path / "died"
    trained = {point.config: pickle.dumps(train_here(point.config)) for point in SWEEP.points()}
    monkeypatch.setattr(engine, "train_here", partial(processes.dies_once, mark, trained))
    store = Store()
    *_, last = run_sweep(SWEEP, store, workers=2)
    # Where the first run needed no torch, loky takes the second one, which imports it, for a leak.
    get_reusable_executor(kill_workers=True).shutdown()
    assert mark.exists()
    assert last.progress.done == len(Results("try").all()) == len(store.runs.all()) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="it blocks no signals")
def test_ctrl_c_is_left_to_the_process_of_the_sweep(monkeypatch):
    monkeypatch.setattr(engine, "train_here", processes.signals_that_wait)
    with engine._trainers(SWEEP, 2, "") as train:
        [there] = train([QUICK])
    get_reusable_executor(kill_workers=True).shutdown()
    assert signal.SIGINT in there
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.parametrize("workers", [1, 2])
def test_every_point_is_trained_once_and_kept_as_a_run(ended, tmp_path, workers):
    """The runs are the same in one process and in several."""
    folder, steps = ended
    if workers == 1:
        shutil.copytree(folder, tmp_path / "artifacts")
    else:
        steps = list(run_sweep(SWEEP, Store(), workers=workers))
    store = Store()
    assert [step.progress[1:] for step in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    results = Results("try").all()
    done = {(result.case["cell"], result.seed): result.test_loss for result in results}
    assert done == {(one.result.case["cell"], one.result.seed): one.result.test_loss for one in ended[1]}
    assert done.keys() == {(point.case["cell"], point.seed) for point in SWEEP.points()}
    assert len(results) == len(store.runs.all()) == 4
    for result in results:
        run = store.runs.get(result.run)
        assert run.state == FINISHED
        assert run.config == QUICK.with_settings(cell=result.case["cell"], seed=result.seed)
        assert run.scores["accuracy"] == result.test_accuracy
        assert Model.load(store.folder(run.id)).config == run.config
        assert read_history(store.folder(run.id), run.config.model.cell)


def test_the_probes_are_in_a_result_and_stay_there(monkeypatch, tiny_corpus):
    monkeypatch.setattr(engine, "train_here", partial(train_here, corpus=without_texts(tiny_corpus)))
    store, on_imdb = Store(), replace(ONE_SEED, base=replace(QUICK, data="imdb"))
    list(run_sweep(on_imdb, store, workers=2))
    results = Results("try")
    kept = {result.run: result for result in results.all()}
    for run, result in kept.items():
        answered = probe(Model.load(store.folder(run)), "development")
        assert (result.sentences_right, result.pairs_right) == (answered.sentences, answered.whole_pairs)
    results.path.unlink()
    assert {result.run: result for result in rebuild(store, "try").all()} == kept


def test_the_file_of_results_does_not_replace_a_run(store):
    results = Results("try")
    run = store.folder(results.all()[0].run) / "sweep.json"
    results.path.unlink()
    results.path.hardlink_to(run)
    with pytest.raises(DataError, match=r"would replace .*sweep\.json, which is read"):
        rebuild(store, "try")
    assert results.path.samefile(run)


def test_a_file_made_again_keeps_other_machines(store):
    results = Results("try")
    lines = sorted(results.path.read_text().splitlines())
    results.path.unlink()
    assert sorted(rebuild(store, "try").path.read_text().splitlines()) == lines
    elsewhere = replace(results.all()[0], run="260101-000000-abcd", made="2026-01-01", seed=7)
    results.rewrite(SWEEP, [elsewhere])
    with results.path.open("a") as file:
        file.write("damaged\n")
    again = rebuild(store, "try").all()
    assert (again[0].run, len(again)) == ("260101-000000-abcd", 5)
    with pytest.raises(SweepError, match="No run of a sweep called other"):
        rebuild(store, "other")


def test_a_run_given_up_as_it_is_kept_leaves_nothing(monkeypatch):
    monkeypatch.setattr(StoredRecords, "append", Mock(side_effect=KeyboardInterrupt))
    store = Store()
    with pytest.raises(KeyboardInterrupt):
        list(run_sweep(SWEEP, store))
    assert store.runs.all() == Results("try").all() == list(runs_folder().glob("2*")) == []


def test_a_run_missing_in_the_results_is_added(store):
    """Unless its keeping was cut off by a kill."""
    results = Results("try")
    kept = results.all()
    results.rewrite(SWEEP, kept[:-1])
    assert list(run_sweep(SWEEP, store)) == []
    assert (results.all(), len(store.runs.all())) == (kept, 4)
    results.rewrite(SWEEP, kept[:-1])
    with store.database.writing() as connection:
        connection.execute("UPDATE runs SET state = 'running' WHERE id = ?", (kept[-1].run,))
    assert [step.progress.done for step in run_sweep(SWEEP, store)] == [4]
    assert results.all()[-1].run != kept[-1].run


def test_a_file_made_again_has_all_grown_cases():
    store, results = Store(), Results("try")
    list(run_sweep(replace(ONE_SEED, cases=SWEEP.cases[:1]), store))
    list(run_sweep(replace(SWEEP, cases=SWEEP.cases[1:], seeds=[1]), store))
    grown = results.sweep()
    results.path.unlink()
    assert rebuild(store, "try").sweep() == grown
    assert (len(grown), len(results.all())) == (4, 2)


def test_a_file_made_again_has_no_other_factors(store):
    results = Results("try")
    file = sorted(results.path.read_text().splitlines())
    results.path.unlink()
    list(run_sweep(replace(ONE_SEED, cases=[{"max_length": 5}]), store))
    step = store.folder(results.all()[0].run) / "sweep.json"
    step.write_text(step.read_text().replace('"made":"2', '"made":"1'))  # the newest decides
    results.path.unlink()
    assert sorted(rebuild(store, "try").path.read_text().splitlines()) == file


def test_another_sweep_that_is_damaged_stops_none(store):
    step, _ = run_sweep(replace(ONE_SEED, name="other"), store)
    path = store.folder(step.result.run) / "sweep.json"
    path.write_text(path.read_text().replace('"vocab_size":5000', '"vocab_size":1000000000'))
    assert list(run_sweep(SWEEP, store)) == []
    with pytest.raises(SweepError, match=r"sweep\.json is damaged"):
        rebuild(store, "other")


@pytest.mark.usefixtures("forked_workers")
def test_an_interruption_at_the_start_gives_up(tmp_path):
    from tests.runs.forked import Forked  # it imports all that a worker imports

    Results("try").begin(SWEEP)
    call, log = processes.interrupted_as_its_processes_begin, tmp_path / "log"
    ended = Forked(call, "try", log=log, has_children=True)
    assert ended.wait(PATIENCE) == GIVEN_UP, log.read_text()
    assert "Given up." in log.read_text()


@pytest.mark.parametrize(
    ("train", "error", "said"),
    [
        (processes.dies, LostWorkError, "were killed 2 times"),
        (processes.unreadable, BrokenProcessPool, "un-serialize"),  # which is no killed process
    ],
)
def test_processes_that_give_nothing_end_the_sweep(monkeypatch, train, error, said):
    monkeypatch.setattr(engine, "train_here", train)
    monkeypatch.setattr(engine, "MOST_LOST", 1)
    with pytest.raises(error, match=said):
        list(run_sweep(SWEEP, Store(), workers=2))
    assert Results("try").all() == []


@pytest.fixture
def trained(monkeypatch):
    """The seeds of all runs that are trained."""
    seeds, train = [], engine.train_here
    noted = lambda config: seeds.append(config.training.seed) or train(config)  # noqa: E731
    monkeypatch.setattr(engine, "train_here", noted)
    return seeds


NO_ROOM = OSError(28, "No space left on device")


def finds_no_room(monkeypatch, match, *places, error=NO_ROOM):
    """Run a sweep that ends with this sentence, since the store and these functions find no room."""
    with monkeypatch.context() as disk:
        for module, function in ((Store, "take_in"), *places):
            disk.setattr(module, function, Mock(side_effect=error))
        with pytest.raises(UnkeptError, match=match):
            list(run_sweep(GRU, Store()))


@pytest.mark.parametrize("error", [NO_ROOM, StoreError("The runs can't be written.")], ids=["files", "list"])
def test_a_run_that_finds_no_room_is_not_trained_again(trained, monkeypatch, error):
    store = Store()
    for _ in range(2):
        finds_no_room(monkeypatch, r"It waits in .* nothing is trained twice", error=error)
        assert (trained, Results("try").all()) == ([0], [])
    assert [step.progress.done for step in run_sweep(GRU, store)] == [2]
    assert trained == [0, 1]
    first, _ = Results("try").all()
    run = store.runs.get(first.run)
    assert (run.state, run.config.training.seed, first.seed) == (FINISHED, 0, 0)
    assert run.scores["accuracy"] == first.test_accuracy
    assert Model.load(store.folder(run.id)).config == run.config
    assert store.records.all(run.id) == read_history(store.folder(run.id), "gru") != []
    assert waiting("try") == []


def test_a_run_with_no_room_anywhere_is_trained_again(trained, monkeypatch):
    finds_no_room(monkeypatch, "has to be trained again", (shutil, "copytree"))
    assert waiting("try") == []
    assert len(list(run_sweep(GRU, Store()))) == 2
    assert trained == [0, 0, 1]


def test_what_waits_only_in_part_is_no_run(trained, monkeypatch):
    finds_no_room(monkeypatch, "It waits in")
    [run] = waiting("try")
    (run.place / "about.json").unlink()
    assert waiting("try") == []
    assert not run.place.exists()


def test_a_sweep_has_the_seed_of_its_teachers(store):
    teacher = next(run for run in store.runs.all() if run.config.training.seed == 0)
    base = QUICK.with_settings(teachers=teacher.id)
    taught = replace(SWEEP, name="taught", base=base, cases=[{"cell": "elman"}])
    with pytest.raises(SweepError, match=r"The run with seed 1 can't begin\. The teacher .* --seed 0"):
        next(run_sweep(taught, store))
    assert not Results("taught").exists()
    assert len(list(run_sweep(replace(taught, seeds=[0]), store))) == 1


def test_published_questions_share_their_runs(monkeypatch, store):
    monkeypatch.setattr(kept_runs, "published", lambda: {"try", "other"})
    cases = [{"cell": "gru", "learning_rate": QUICK.training.learning_rate}]
    assert list(run_sweep(replace(SWEEP, name="other", cases=cases), store)) == []
    by_seed = {result.seed: result for result in Results("try").all() if result.case["cell"] == "gru"}
    for result in Results("other").all():
        assert result == replace(by_seed[result.seed], case=cases[0])
    assert len(list(run_sweep(replace(ONE_SEED, name="mine", cases=cases), store))) == 1


def test_languages_are_compared_in_bits_and_strings(monkeypatch, tmp_path):
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path))
    base = bare_config("language-reber", reviews=100, epochs=1, max_length=200, vocab_size=20, hidden_size=4)
    sweep = Sweep(name="of-languages", base=base, cases=grid({"data": ["language-parity", "language-reber"]}))
    results = [ended.result for ended in run_sweep(sweep, Store())]
    assert {result.case["data"] for result in results} == {"language-parity", "language-reber"}
    for result in results:
        model = Model.load(Store().folder(result.run), sweep.base.task)
        assert (model.config.data, result.validation_accuracy) == (result.case["data"], None)
        assert result.validation_bits_per_token == Store().runs.get(result.run).validation_accuracy
        same = "bits_above_truth", "right_strings", "right_longer_strings"
        for score in (*same, "bits_per_token", "accuracy", "loss"):
            column = score if score in same else f"test_{score}"
            assert getattr(result, column) == model.scores[score], column
    assert Results("of-languages").all() == results
