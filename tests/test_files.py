"""What is read is not written over, whatever its path is called."""

import pytest

from rnn_core.errors import DataError
from rnn_core.files import check_spares, write_whole


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
