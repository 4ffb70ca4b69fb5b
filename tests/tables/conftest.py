"""Files for a test to open as tables."""

import pytest

from rnn_core.tables.open import open_table
from rnn_core.tables.table import Options


@pytest.fixture
def path_of(tmp_path):
    """Writes a file, or a folder from its files by their names; returns its path."""

    def written(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            for inside, text in content.items():
                written(f"{name}/{inside}", text)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@pytest.fixture
def table_of(path_of):
    """Opens a file or folder with this content, by these options."""
    return lambda content, name="films", **options: open_table(path_of(name, content), Options(**options))
