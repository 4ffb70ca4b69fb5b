"""A file for a test to open as a table."""

import pytest


@pytest.fixture
def path_of(tmp_path):
    """Writes a file."""

    def written(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written
