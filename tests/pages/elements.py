"""A page's texts and buttons, by what stands on them, and all that it shows."""

from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest


def texts(page: AppTest, kind: str) -> str:
    """What all elements of a kind say, from the top of the page down."""
    return " ".join(element.value for element in page.get(kind))


def said(page: AppTest) -> str:
    """All sentences of a page, as a person reads them."""
    kinds = ("markdown", "text", "subheader", "success", "info", "warning", "error", "caption")
    return " ".join(texts(page, kind) for kind in kinds).replace("\\", "")


def as_written(page: AppTest) -> str:
    """The sentences of a page in Markdown, with the backslashes that keep names from being markup."""
    return " ".join(texts(page, kind) for kind in ("markdown", "caption", "info", "warning", "error"))


def body(page: AppTest) -> str:
    """What is drawn as HTML."""
    return " ".join(part.proto.body for part in page.get("html"))


def labels(page: AppTest) -> set[str]:
    """What stands on the buttons."""
    return {button.label for button in page.button}


def press(page: AppTest, label: str) -> None:
    """The one button with this label; the page then runs without an exception."""
    [button] = [button for button in page.button if button.label == label]
    button.click().run()
    assert not page.exception


def walk(block: Any) -> Iterator[Any]:
    """All elements of a page, from its top down."""
    for part in block.children.values():
        yield part
        yield from walk(part) if hasattr(part, "children") else ()
