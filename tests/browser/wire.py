"""A client that is no browser: it says of itself what it likes, and sees what the app sends."""

import contextlib
import http.client
import socket
from collections.abc import Mapping
from typing import NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.runs.workers import wait_until

STREAM = "/_stcore/stream"
_PATIENCE = 120.0  # seconds


class Drawn(NamedTuple):
    """Everything that a page showed when it had run."""

    page: str
    """Streamlit's name for it."""
    elements: list[Element]

    def of(self, kind):
        """The elements of a kind: "button", "alert"."""
        return [getattr(each, kind) for each in self.elements if each.WhichOneof("type") == kind]


class Response(NamedTuple):
    """Everything that came back for one request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(port, method, path, headers, body=None):
    """One request with these headers."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)) as connection:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())


def handshake(port, host, origin):
    """The status with which the app answers a WebSocket: 101 lets it in."""
    headers = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade"}
    headers |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    return ask(port, "GET", STREAM, headers | ({"Origin": origin} if origin else {})).status


def visit(port, page, *, host, origin, press=""):
    """Open a page, and press the button with this id, drawn or not; what the page then shows."""
    with connect(
        f"ws://{host}{STREAM}",
        sock=socket.create_connection(("127.0.0.1", port)),
        origin=origin,
        subprotocols=["streamlit"],
        compression=None,
        max_size=None,
        proxy=None,
    ) as session:
        name, _, query = page.partition("?")
        session.send(rerun(query, page_name=name))
        drawn = _read(session)
        if press:
            session.send(rerun(query, [press], page_script_hash=drawn.page))
            drawn = _read(session)
    return drawn


def start_button(port, page):
    """Return Streamlit's name for the Start button of a page for training, once the corpus is prepared."""
    found, host = [], f"127.0.0.1:{port}"

    def look():
        buttons = visit(port, page, host=host, origin=f"http://{host}").of("button")
        found.extend(button.id for button in buttons if button.id.endswith("-start"))
        return found

    wait_until(look)
    return found[0]


def rerun(query, pressed=(), **page):
    """Return what a browser sends for a page to run, with the buttons that were pressed."""
    message = BackMsg()
    message.rerun_script.query_string = query
    for name, value in page.items():
        setattr(message.rerun_script, name, value)
    for button in pressed:
        message.rerun_script.widget_states.widgets.add(id=button, trigger_value=True)
    return message.SerializeToString()


def _read(session):
    """Returns all that a page shows that ran to its end."""
    page, elements = "", []
    while True:
        message = ForwardMsg.FromString(session.recv(timeout=_PATIENCE))
        kind = message.WhichOneof("type")
        if kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return Drawn(page, elements)
        if kind == "new_session":
            page, elements = message.new_session.page_script_hash, []
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            elements.append(message.delta.new_element)
