"""A sweep of a cell of the user's own against others: each of its runs in a process of its own, here only."""

import json

import pytest
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.errors import RunError, SweepError
from rnn_core.own_cells.process import close_all
from rnn_core.paths import own_cells_folder
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, parse_factor
from tests.cell_files.sources import write
from tests.own import QUICK
from tests.own_cells.files import LEAKY, leaky_that

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_corpus")]


def sweep_of(*cells):
    return Sweep(name="mine", base=QUICK, cases=[{"cell": cell} for cell in cells])


@pytest.fixture
def version():
    close_all()  # the processes that other tests kept warm know other folders
    return write("leaky", LEAKY).version


def test_it_is_trained_beside_others_and_no_process_of_the_sweep_runs_its_code(version, monkeypatch):
    monkeypatch.setattr("rnn_core.own_cells.here._runs", False)
    _, cells = parse_factor("cell=leaky,gru")
    assert cells == [version, "gru"]
    store = Store()
    ended = list(run_sweep(sweep_of(*cells), store))
    assert [one.result.case["cell"] for one in ended] == [version, "gru"]
    from rnn_core.own_cells.here import runs_own_code_here

    assert not runs_own_code_here()
    run = store.runs.get(ended[0].result.run)
    assert run.state == FINISHED
    assert run.name == "mine, seed 0: Cell leaky"
    assert (store.folder(run.id) / "cell.py").read_text() == LEAKY


def test_a_file_that_changes_or_goes_while_the_sweep_waits_changes_none_of_its_runs(version):
    sweep, store = sweep_of("gru", version), Store()
    steps = run_sweep(sweep, store)
    next(steps)
    (own_cells_folder() / "leaky.py").unlink()
    [last] = steps
    assert last.result.case["cell"] == version
    assert Sweep.from_dict(sweep.to_dict()) == sweep
    assert list(run_sweep(Results("mine").sweep(), store)) == []


def test_what_its_code_raises_ends_the_sweep_in_words_and_keeps_what_had_ended():
    version = write("leaky", leaky_that("raise ValueError('no')").source).version
    with pytest.raises(RunError, match=r"^leaky\.py, line 15: ValueError: no"):
        list(run_sweep(sweep_of("gru", version), Store()))
    assert len(Results("mine").all()) == 1


def test_a_cluster_refuses_it_in_words_before_anything_is_trained(version):
    with pytest.raises(SweepError, match=r"leaky\.py is code of your own, which stays on this machine"):
        list(run_sweep(sweep_of(version), Store(), address="tcp://127.0.0.1:1"))
    assert not Results("mine").exists()


def test_the_command_takes_it_by_its_name(version):
    small = (
        "--data verdict --reviews 64 --max-length 20 --hidden-size 4 --embedding-size 3 --epochs 1".split()
    )
    done = CliRunner().invoke(main, ["sweep", "mine", *small, "--vary", "cell=leaky,gru", "--plan", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["sweep"]["cases"] == [{"cell": version}, {"cell": "gru"}]
