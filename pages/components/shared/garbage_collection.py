"""What Python's collector of garbage need not look through again.

Streamlit lets it look through everything after every run of a page or of a fragment. torch, pandas and
Plotly bring 250,000 objects that stay for ever, which takes 130 ms, with Python's lock held: once a second
while a run is watched, and a click meanwhile waits.
"""

import gc
import sys
from functools import cache


def spare_what_was_imported() -> None:
    """Leave all that is there now out of the collections to come; again whenever more was imported."""
    _freeze(len(sys.modules))


@cache
def _freeze(modules: int) -> None:
    """Once for each number of modules."""
    gc.collect()
    gc.freeze()
