"""A long table takes no more memory than a short one: measured in a process of its own."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

resource = pytest.importorskip("resource")  # not on Windows

ROOT = Path(__file__).parents[2]
MEGABYTES = 30
"""Of the tables that are read here, unpacked."""
MOST_MEGABYTES = 55
"""More than before the table was opened: the start by which its encoding is guessed, and a batch."""
ROWS = [f"{number % 2},A film about the number {number} and nothing else" for number in range(20_000)]
COPIES = MEGABYTES * 1_000_000 // sum(map(len, ROWS))

READING = """
import resource, sys
from pathlib import Path
from rnn_core.tables.open import open_table

def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)

before = megabytes()
rows = sum(len(batch.columns["text"]) for batch in open_table(Path(sys.argv[1])).batches(["text"]))
print(rows, megabytes() - before)
"""


def write_csv(path):
    content = "\n".join(ROWS) + "\n"
    with path.open("w") as file:
        file.write("label,text\n")
        for _ in range(COPIES):
            file.write(content)


def write_json_lines(path):
    content = "".join(f'{{"label": {row[0]}, "text": "{row[2:]}"}}\n' for row in ROWS)
    with path.open("w") as file:
        for _ in range(COPIES):
            file.write(content)


def write_parquet(path):
    with pq.ParquetWriter(path, pa.schema({"label": pa.string(), "text": pa.string()})) as writer:
        for _ in range(COPIES):
            writer.write_table(
                pa.table({"label": [row[0] for row in ROWS], "text": [row[2:] for row in ROWS]})
            )


def write_zip(path):
    write_csv(path.with_suffix(".csv"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(path.with_suffix(".csv"), "films.csv")


WRITERS = {".csv": write_csv, ".jsonl": write_json_lines, ".parquet": write_parquet, ".zip": write_zip}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", WRITERS)
def test_a_long_table_takes_no_more_memory_than_a_batch(tmp_path, suffix):
    path = tmp_path / f"films{suffix}"
    WRITERS[suffix](path)
    command = [sys.executable, "-c", READING, str(path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert int(said[0]) == COPIES * len(ROWS)
    assert float(said[1]) < MOST_MEGABYTES
