"""The kinds of files and folders as which a model is exported, for pages, commands and notebooks alike."""

from pathlib import Path

from rnn_core.errors import ConfigError
from rnn_core.export.archive import ARCHIVE
from rnn_core.export.html import HTML
from rnn_core.export.model_format import ModelFormat
from rnn_core.export.notebook_file import NOTEBOOK
from rnn_core.export.pytorch import PYTORCH
from rnn_core.refusals import either, shown
from rnn_core.registry import Registry

MODEL_FORMATS: Registry[ModelFormat] = Registry(
    "format of a model", {"html": HTML, "pytorch": PYTORCH, "notebook": NOTEBOOK, "zip": ARCHIVE}
)
"""The formats by name, in the order in which they are offered."""


def model_format(out: Path, to: str | None = None) -> str:
    """Returns the name of the format to write `out` in: `to`, else the one that the file's ending says.

    Raises ConfigError for another name or ending, and for an ending that is another format's.
    """
    by_suffix = {form.suffix: name for name, form in MODEL_FORMATS.items() if form.suffix}
    suffix = out.suffix.lower()
    if to is None:
        if suffix not in by_suffix:
            raise ConfigError(
                f"The format must be said: one of {', '.join(MODEL_FORMATS)}. Or end the name of the file in "
                f"{either(by_suffix)}, got {shown(out.name)}."
            )
        return by_suffix[suffix]
    form = MODEL_FORMATS[to]
    if form.suffix and suffix != form.suffix:
        raise ConfigError(f"The file must end in {form.suffix} for the format {to}, got {shown(out.name)}.")
    if form.is_folder and suffix in by_suffix:
        raise ConfigError(
            f"The format {to} is a folder, and {shown(out.name)} is called like a file of the format "
            f"{by_suffix[suffix]}: choose another name."
        )
    return to
