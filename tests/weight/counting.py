"""Lines that bear code, and tokens, of one file."""

import ast
import io
import re
import tokenize
from pathlib import Path

TOKEN = re.compile(r"[\w$]+|[^\s\w$]")
"""A token of any language but Python: a word, a number or a sign."""

_COMMENTS = {
    ".js": re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE),
    ".css": re.compile(r"/\*.*?\*/", re.DOTALL),
    ".jinja": re.compile(r"\{#.*?#\}", re.DOTALL),
    ".html": re.compile(r"<!--.*?-->", re.DOTALL),
    ".toml": re.compile(r"^\s*#[^\n]*", re.MULTILINE),
}
_COMMENTS[".mjs"] = _COMMENTS[".js"]
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}

LANGUAGES = frozenset({".py", *_COMMENTS})


def code_of(path: Path, source: str) -> tuple[set[int], int]:
    """Returns the numbers of the lines that bear code, from 1 on, and the number of tokens on them.

    These are lines that are neither blank nor a comment nor, in Python, a docstring.
    """
    return _of_python(source) if path.suffix == ".py" else _of_others(source, _COMMENTS[path.suffix])


def _of_python(source: str) -> tuple[set[int], int]:
    documented = set()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for one in body if isinstance(body, list) else ():
            match one:
                case ast.Expr(value=ast.Constant(value=str())):
                    documented.update(range(one.lineno, one.end_lineno + 1))
    lines, count = set(), 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE and token.start[0] not in documented:
            lines.update(range(token.start[0], token.end[0] + 1))
            count += 1
    return lines - documented, count


def _of_others(source: str, comments: re.Pattern[str]) -> tuple[set[int], int]:
    code = comments.sub(lambda comment: "\n" * comment[0].count("\n"), source)
    lines = {number for number, line in enumerate(code.splitlines(), 1) if line.strip()}
    return lines, len(TOKEN.findall(code))
