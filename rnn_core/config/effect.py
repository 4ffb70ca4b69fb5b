"""Settings that change nothing beside the others, on a corpus or for a task, and why not."""

from collections.abc import Mapping
from typing import Any

from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig, all_settings
from rnn_core.config.tasks import TASKS
from rnn_core.refusals import in_a_row
from rnn_core.symbols import KINDS, kinds_with

_REFUSED_WITHOUT_EMBEDDING = ("bigrams", "counted_bigrams", "label_odds", "adversarial", "tied")
_OF_EMBEDDING = ("embedding_size", "embedding_dropout", *_REFUSED_WITHOUT_EMBEDDING)


def is_on(name: str, held: Any) -> bool:
    """True if a setting that is off at first holds another value, so that it can be taken back.

    >>> is_on("adversarial", 0.5), is_on("adversarial", 0.0), is_on("learning_rate", 0.5)
    (True, False, False)
    """
    default = all_settings()[name].default
    return default in (0, "", "off") and held != default


def why_unused(name: str, values: Mapping[str, Any]) -> str:
    """Return why the network has no use for a setting, empty where it has, or refuses the value it holds.

    >>> why_unused("teachers_share", RunConfig().values())
    'There are no teachers.'
    """
    held, cell, having = values[name], KINDS[values["cell"]], kinds_with(name)
    if having and values["cell"] not in having and not is_on(name, held):
        return f"It changes the equations of {in_a_row([*having.values()])} only."
    if name == "forget_bias" and not cell.remembers_by_bias:
        return f"{cell.noun[0].upper()}{cell.noun[1:]} has no gate that begins with a bias."
    is_refused = is_on(name, held) and name in _REFUSED_WITHOUT_EMBEDDING
    if name in _OF_EMBEDDING and values["input"] == "one-hot" and not is_refused:
        return "The input is one-hot, not an embedding."
    if name == "teachers_share" and not values["teachers"]:
        return "There are no teachers."
    if name == "bigram_dropout" and not (values["bigrams"] or values["counted_bigrams"]):
        return "There are no bigrams."
    return ""


def why_without_effect(name: str, held: Any, data: str, task: str) -> str:
    """Return why a setting with this value changes nothing on these texts for this task, else empty."""
    of_task, corpus = TASKS[task], corpus_named(data)
    if (fixed := of_task.fixed.get(name)) is not None and held == fixed.value:
        return f"{all_settings()[name].label} is fixed for {of_task.label}, since {fixed.why}."
    return "" if is_on(name, held) and name in corpus.refused() else corpus.why_idle(name)


def why_idle(name: str, values: Mapping[str, Any], data: str, task: str, K: int) -> str:
    """Return why a setting that the network has a use for changes nothing beside these, else empty.

    `values` are all settings by name; K is the number of classes.
    """
    if name == "padding" and values["skip_padding"]:
        return "Padding is skipped, so its side changes nothing."
    if name == "layer_dropout" and values["layers"] == 1:
        return "There is one layer, so nothing lies between layers."
    if name == "head" and not TASKS[task].needs_classes:
        return f"For {TASKS[task].label} the head has a logit for each possible answer."
    if name == "head" and K > 2:
        return f"With {K} classes the head has a logit for each."
    needs_room = name in ("counted_bigrams", "label_odds") and not is_on(name, values[name])
    if needs_room and max(2, values["embedding_size"]) < K:
        return f"Label odds of {K} classes need an embedding size of {K} at least."
    return why_without_effect(name, values[name], data, task)


def changed_in_vain(config: RunConfig, usual: RunConfig) -> dict[str, str]:
    """The settings that differ from the usual ones and change nothing, each with the sentence that says why.

    >>> changed_in_vain(RunConfig().with_settings(padding="post"), RunConfig())
    {'padding': 'Padding is skipped, so its side changes nothing.'}
    """
    values, K = config.values(), len(config.classes)
    why = {
        name: why_unused(name, values) or why_idle(name, values, config.data, config.task, K)
        for name in config.differences(usual)
    }
    return {name: said for name, said in why.items() if said}
