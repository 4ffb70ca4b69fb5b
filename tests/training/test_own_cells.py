"""The time of a training with an own cell is measured where its code runs, once for each version."""

import pytest

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.switch import SWITCH
from rnn_core.cell_files.versions import keep
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import load_corpus
from rnn_core.errors import CellError, OwnCellError
from rnn_core.own_cells.process import OwnProcess, close_all
from rnn_core.training.estimate import _ask, estimate
from tests.cell_files.sources import PLAIN, write
from tests.own_cells.files import LEAKY, leaky_that

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_corpus")]


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    """The operations that processes are asked for."""
    monkeypatch.setattr("rnn_core.own_cells.here._runs", False)
    _ask.cache_clear()
    close_all()  # those of other tests know other folders
    asked, asking = [], OwnProcess.asking

    def noted(process, file, operation, *arguments, **more):
        asked.append((file.version, operation))
        return asking(process, file, operation, *arguments, **more)

    monkeypatch.setattr(OwnProcess, "asking", noted)
    yield asked
    close_all()


def config_of(cell, **settings):
    given = {"cell": cell, "hidden_size": 8, "embedding_size": 4, "reviews": 320, "epochs": 1, **settings}
    return RunConfig(data="verdict").with_settings(**given)


def test_it_is_measured_once_for_each_version_and_all_sizes(measured):
    corpus, versions = load_corpus("verdict"), []
    for source in (LEAKY, PLAIN):
        versions.append(write("leaky", source).version)
        one, four = (estimate(config_of("leaky", epochs=epochs), corpus) for epochs in (1, 4))
        assert one.parameters == four.parameters > 0
        assert 0 < one.seconds < four.seconds
        assert four.optimizer_steps == 4 * one.optimizer_steps
    assert [version for version, operation in measured if operation == "measure"] == versions
    estimate(config_of("leaky", hidden_size=9), corpus)
    assert [operation for _, operation in measured].count("measure") == 3


def test_of_code_that_fails_the_sentence_names_the_line():
    write("leaky", leaky_that("raise ValueError('no')").source)
    with pytest.raises(OwnCellError, match=r"^leaky\.py, line 15: ValueError: no"):
        estimate(config_of("leaky"), load_corpus("verdict"))


def test_code_that_came_with_an_imported_run_is_not_measured(measured, tmp_path):
    ran = tmp_path / "ran"
    source = f"open({str(ran)!r}, 'w').close()\n{LEAKY}"
    config = config_of(keep(CellFile.of(tmp_path / "foreign.py", source.encode()), allow=False))
    with pytest.raises(CellError, match="gatescope cells allow foreign@"):
        estimate(config, load_corpus("verdict"))
    assert measured == []
    assert not ran.exists()


def test_no_process_begins_where_own_cells_are_off(measured, monkeypatch):
    write("leaky", LEAKY)
    config = config_of("leaky")
    monkeypatch.setenv(SWITCH, "0")
    with pytest.raises(CellError, match="Own cells are off here"):
        estimate(config, load_corpus("verdict"))
    assert measured == []
