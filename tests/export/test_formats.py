import io

import pandas as pd
import pyarrow as pa

from rnn_core.export.formats import to_csv
from rnn_core.tables.written import safe_cell


def test_tokens_that_a_spreadsheet_would_compute_are_text_in_the_csv_file_and_numbers_are_numbers():
    tokens = ["=1+1", "-5", "@x", "-", "fine"]
    made = to_csv(pa.table({"token": tokens, "verdict": [0.5] * 5, "h": [[1.0]] * 5}))
    kept = pd.read_csv(io.BytesIO(made), dtype=str)
    assert kept["token"].tolist() == [safe_cell(token) for token in tokens]
    assert kept["token"].tolist() == ["'=1+1", "-5", "'@x", "'-", "fine"]
    assert list(kept) == ["token", "verdict"]
