"""Coroutines, to be run to their end where another loop, as that of the browser, may be at work."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor


def run_apart(coroutine: Coroutine[object, object, None]) -> None:
    """Run it in a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()
