"""A command is a function: docstring and signature say all of it once.

    @command("rate", runs)
    def rate(run_id: str, *, hold: bool = False) -> Answer:
        \"\"\"Show the learning rate of the run at work.

        --hold: Keep it to the end.
        \"\"\"

Parameters before the star are arguments, those behind it options, each with its help in a line of the
docstring: `--names METAVAR: help`. One without a default is required, one of a tuple may be repeated, a bool
is a flag, a Literal a choice; an annotation may have a type of click or what is `Given` to it. `**settings`
are all settings of a run, None unless given. Every command has --json and returns an answer for machines and
people, which is printed here; what can't be done ends here in a sentence and an exit code.

A command that is `like` a dataclass takes each of its fields that the docstring names by its `**`, with the
type and the default of that field; its options come in the order of the docstring.
"""

import functools
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import click

from rnn_core.cli.errors import errors_in_words
from rnn_core.cli.options import Given, add_settings, argument, as_json, option
from rnn_core.cli.output import answer
from rnn_core.config.run import RunConfig


class Answer:
    """The answer of a command: one value for machines, lines for people, and an exit code."""

    def __init__(self, value: object, *lines: str, code: int = 0) -> None:
        self.value, self.lines, self.code = value, lines, code


_OPTION = re.compile(r"^(--[\w/-]+(?:, --[\w-]+)*)(?: \((\w+)\))?(?: (.+?))?: ")


def _documented(function: Callable[..., Any]) -> tuple[str, dict[str, tuple[Sequence[str], dict[str, Any]]]]:
    """The help of a command, and for each option in its docstring: its names, and metavar and help."""
    help, *options = re.split(r"^(?=--\w)", inspect.getdoc(function) or "", flags=re.MULTILINE)
    found = {}
    for one in options:
        said = " ".join(one.split())
        head = _OPTION.match(said)
        assert head is not None, one
        names, parameter, metavar = head[1].split(", "), head[2], head[3]
        parameter = parameter or names[0].partition("/")[0][2:].replace("-", "_")
        found[parameter] = (names, {"help": said[head.end() :]} | ({"metavar": metavar} if metavar else {}))
    return help.strip(), found


def command(
    name: str,
    group: click.Group | None = None,
    *,
    starts_from: Callable[[str], RunConfig] | None = None,
    like: Any = None,
    cls: type[click.Command] = click.Command,
    **given: Any,
) -> Callable[[Callable[..., Answer | None]], Any]:
    """The command of a function; `starts_from` has the defaults of all settings, where it takes them."""

    def decorate(function: Callable[..., Answer | None]) -> click.Command:
        hints = get_type_hints(function, include_extras=True)
        parameters = dict(inspect.signature(function).parameters)
        help, documented = _documented(function)
        if like is not None:
            own = inspect.signature(like).parameters
            hints |= {name: hint for name, hint in get_type_hints(like).items() if name not in hints}
            parameters |= {name: own[name] for name in documented if name not in parameters}
            parameters = {name: parameters[name] for name in (*documented, *parameters)}
        declared = []
        for each in parameters.values():
            if each.kind is each.VAR_KEYWORD or each.name == "as_json":
                continue
            hint = hints[each.name]
            kind, *more = get_args(hint) if get_origin(hint) is Annotated else (hint,)
            values: dict[str, Any] = {}
            for one in more:
                values = one.values if isinstance(one, Given) else {"type": one}
            if each.kind is each.POSITIONAL_OR_KEYWORD:
                declared.append(argument(each.name, kind, each.default, values))
            else:
                names, written = documented.pop(each.name.rstrip("_"), ((), {}))
                declared.append(option(each.name, kind, each.default, {**written, **values}, *names))
        if documented:
            raise TypeError(f"{name} has no parameters for {', '.join(documented)}")

        @functools.wraps(function)
        def answered(**values: Any) -> None:
            for_machines = values["as_json"] if "as_json" in parameters else values.pop("as_json")
            found = function(**values)
            if found is not None:
                answer(for_machines, found.value, *found.lines)
                if found.code:
                    sys.exit(found.code)

        made: Any = errors_in_words(answered)
        for attach in (as_json, *([add_settings(starts_from)] if starts_from else []), *reversed(declared)):
            made = attach(made)
        made = click.command(name, cls=cls, help=help, **given)(made)
        if group is not None:
            group.add_command(made)
        return made

    return decorate
