"""Elements of a page, read without a browser: its texts, its buttons, what its own components draw."""

import json
import zlib

import numpy as np


def texts(page, kind):
    """Join the texts of all elements of a kind, from the top of the page down."""
    return " ".join(element.value for element in page.get(kind))


def said(page):
    """All sentences of a page, as a person reads them."""
    kinds = ("markdown", "text", "subheader", "success", "info", "warning", "error", "caption")
    return " ".join(texts(page, kind) for kind in kinds).replace("\\", "")


def as_written(page):
    """The sentences of a page in Markdown, with the backslashes that keep names from being markup."""
    kinds = ("markdown", "caption", "info", "warning", "error", "success")
    return " ".join(texts(page, kind) for kind in kinds)


def body(page):
    """Return all HTML that is drawn."""
    return " ".join(part.proto.body for part in page.get("html"))


def labels(page):
    """Return the labels of the buttons."""
    return {button.label for button in page.button}


def press(page, label):
    """The one button with this label."""
    [button] = [button for button in page.button if button.label == label]
    button.click().run()


def text_of(page):
    """The text that is read."""
    return page.session_state["review_text"]


def put(page, **state):
    """The page, run again with these values in its session."""
    for name, value in state.items():
        page.session_state[name] = value
    return page.run()


def click(page, key):
    """The button with this key."""
    page.button(key=key).click().run()


def choose(page, key, value):
    """Gives a control a value."""
    page.get_by_key(key).set_value(value).run()


def places(block, path=()):
    """All elements of a page with the place of each, from its top down."""
    for number, part in block.children.items():
        yield part, (*path, number)
        yield from places(part, (*path, number)) if hasattr(part, "children") else ()


def walk(block):
    """All elements of a page, from its top down."""
    return (part for part, _ in places(block))


def figures(app):
    """The figures, as Plotly gets them, from the top of the page down."""
    return [chart["figure"] for chart in given(app, "figure")]


def titles(app, number=-1):
    """Return all that is written into the figure with this number."""
    return " ".join(note["text"] for note in figures(app)[number]["layout"]["annotations"])


def given(app, entry):
    """Return the data of all components that have this entry."""
    return [data for data in map(data_of, app.get("bidi_component")) if entry in data]


def data_of(part):
    """Return the data of a component of ours, arrays of a chart as lists."""
    if part.proto.bytes:
        return unpacked(part.proto.bytes)
    return json.loads(part.proto.json or "{}")


def is_chart(part):
    """True if it is a chart that is drawn in place, and not what only brings plotly.js."""
    is_drawn = part.type == "bidi_component" and part.proto.component_name == "gatescope_chart"
    return is_drawn and not part.proto.id.endswith("plotly_library")


def unpacked(packed):
    """Undo `live_chart.packed`, as the browser reads it, arrays as lists."""
    plain = zlib.decompress(packed)
    begin = 4 + int.from_bytes(plain[:4], "little")

    def filled(value):
        if "dtype" not in value:
            return value
        count, place = int(np.prod(value["shape"])), begin + value["at"]
        whole = np.frombuffer(plain, f"<{value['dtype']}", count, place).reshape(value["shape"])
        return (whole / 10 ** value["digits"] if value.get("digits") else whole).tolist()

    return json.loads(plain[4:begin], object_hook=filled)


def everything(page):
    """All that a page says, labels and help texts included."""
    read_out = (getattr(part, name, "") for part in walk(page.main) for name in ("value", "label", "help"))
    return "\n".join(part for part in read_out if isinstance(part, str))
