"""What is read is not written over, whatever its path is called."""

import subprocess
import sys

import pytest

from rnn_core.errors import DataError
from rnn_core.files import check_spares, write_whole, written_whole
from rnn_core.paths import import_folder


def test_a_file_is_not_written_over_one_that_it_was_made_of(tmp_path):
    source, other = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("old")
    other.hardlink_to(source)
    with pytest.raises(DataError, match=r"b\.csv would replace .*a\.csv, which is read"):
        write_whole(other, b"new", sources=[source])
    assert source.read_text() == other.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]
    write_whole(tmp_path / "c.csv", b"new", sources=[source])
    assert (tmp_path / "c.csv").read_text() == "new"


def test_a_folder_that_is_replaced_holds_nothing_that_is_read(tmp_path):
    source = tmp_path / "corpus" / "deeper" / "aclImdb"
    source.mkdir(parents=True)
    (tmp_path / "lnk").symlink_to(source, target_is_directory=True)
    with pytest.raises(DataError, match="would replace"):
        check_spares(tmp_path / "corpus", [tmp_path / "lnk"])
    check_spares(source, [tmp_path / "corpus"])
    check_spares(tmp_path / "not there", [source])


KILLED = """
import os, signal, sys
from pathlib import Path
from rnn_core.files import written_whole

with written_whole(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), getattr(signal, sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")
@pytest.mark.parametrize(("end", "left"), [("SIGKILL", 1), ("SIGINT", 0)])
def test_what_a_killed_process_left_half_written_goes_with_the_next_file_in_that_folder(tmp_path, end, left):
    words = [sys.executable, "-c", KILLED, str(tmp_path / "a.csv"), end]
    subprocess.run(words, cwd=import_folder(), stderr=subprocess.DEVNULL, check=False)
    assert len(list(tmp_path.iterdir())) == left
    write_whole(tmp_path / "b.csv", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


def test_what_another_process_writes_now_and_what_only_looks_alike_stays(tmp_path):
    (tmp_path / ".gatescope-notes").write_text("mine")
    with written_whole(tmp_path / "long.csv") as file:
        file.write(b"half, ")
        write_whole(tmp_path / "short.csv", b"new")
        file.write(b"whole")
    assert (tmp_path / "long.csv").read_text() == "half, whole"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".gatescope-notes", "long.csv", "short.csv"]


def test_an_error_of_what_is_read_meanwhile_keeps_its_file_and_leaves_nothing(tmp_path):
    source = tmp_path / "gone.csv"
    with pytest.raises(FileNotFoundError) as caught, written_whole(tmp_path / "a.csv"):
        source.open("rb")
    assert caught.value.filename == str(source)
    assert list(tmp_path.iterdir()) == []
