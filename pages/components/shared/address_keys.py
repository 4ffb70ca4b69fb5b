"""The keys of the address, each with the one part of the app that says something under it.

Everything that reads or writes the address takes its key from here: `address` has functions for keys alone,
and mypy refuses a plain text in their place. Keys stand in links that people have kept, so none changes its
meaning; a part that needs another key than before follows the former one (`address.take_over`).
"""

from typing import NewType

Key = NewType("Key", str)

OWNERS: dict[Key, str] = {}
"""The owner of each key, in words."""


def claim(name: str, owner: str) -> Key:
    """The key of this name for its owner. Raises ValueError where it is another's."""
    key = Key(name)
    if (other := OWNERS.setdefault(key, owner)) != owner:
        raise ValueError(
            f"The key {name!r} of the address has two owners, {other} and {owner}: give one of them another."
        )
    return key


TO_PAGE = claim("to_page", "the way from page to page")
CAME_FOR = claim("came_for", "the way through app.py")
TRY, DONE = (claim(name, "five things to try") for name in ("try", "done"))

SETTINGS = "the settings of a run"
"""The owner of one key for each setting, most of which `settings` claims: to know them takes 0.3 s."""
DATA, TASK, CELL = (claim(name, SETTINGS) for name in ("data", "task", "cell"))
RUN = claim("run", "the run on Train")

MODEL = claim("model", "the network that is looked at")
OTHER_MODEL = claim("other_model", "the network beside it")
LAYER = claim("layer", "the layer that is looked at")
TEXT = claim("text", "the text that is read")
EXAMPLE = claim("example", "the example that is read")
TOKEN = claim("token", "the time step that is looked at")
UNIT = claim("unit", "the unit that is looked at")
EXPRESSION = claim("expression", "the regular expression that units may keep track of")
FOLLOWED = claim("followed", "the class that is followed on Read")
PANEL = claim("read_panel", "the panel that is open on Read")
HOLD, PATCH, PATCH_TEXT = (claim(name, "what is held on Read") for name in ("hold", "patch", "patch_text"))
BEGINNING = claim("beginning", "the beginning on Write")
WRITING = {
    name: claim(f"write_{name}", "how a text is written on Write")
    for name in ("length", "temperature", "top_k", "top_p", "seed", "goes_on", "beam")
}
"""Setting -> the key of its control on Write."""
TEXTS = claim("texts", "the texts on Write, with their branches")
OPEN_TEXT = claim("open_text", "the text on Write that is looked at")
LEARNING_RATE, LEARNING_DECAY = (
    claim(name, "learning while it reads") for name in ("learning_at", "learning_decay")
)
PROBE_SET = claim("probes_half", "the set of probes")  # from when there were two halves
PHENOMENON = claim("phenomenon", "the phenomenon of probes")

SWEEP = claim("sweep", "the question on Experiments")
CASE, OTHER_CASE = (claim(name, "the two cases that are compared") for name in ("case", "other_case"))

VARIANT = claim("variant", "the cell on Cells")
BY_HAND = claim("by_hand", "the weights set by hand on Cells")
REACH_OF = claim("reach_of", "what gradients are measured on, on Cells")
NETWORKS = claim("networks", "the networks whose gradients Cells draws")
PART = claim("part", "the part of a page that comes into sight")

CORPUS = claim("data_reviews", "the texts on Data")
REVIEW = claim("review", "the text on Data")
SEARCH = claim("data_search", "the search on Data")
DATA_VIEW = claim("data_view", "the picture on Data")
LANGUAGE_VIEW = claim("data_language_view", "the picture of a language on Data")
READING = {
    name: claim(f"data_{name}", "how texts are read on Data")
    for name in ("vocab_size", "max_length", "truncation", "padding", "start_token", "batch_size")
}
"""Setting -> the key of its control on Data."""

EXERCISE = claim("exercise", "the task on Build")
OWN_CELL = claim("own_cell", "the cell of one's own on Build")
EQUATIONS = claim("equations", "the equations on Build")
BEGUN_FROM = claim("begun_from", "the cell that these were begun from")
