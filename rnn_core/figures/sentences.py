"""Sentences about a reading with places in braces, by name: those of `sentences.json`.

The exported page reads them, too (`rnn_core.export.bundle`), so that both say the same.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAID: Mapping[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


def say(sentence: str, /, **places: object) -> str:
    """Return the sentence of this name with its places filled.

    >>> say("towards", name="positive")
    'towards positive'
    """
    template: str = SAID[sentence]
    return template.format(**places)
