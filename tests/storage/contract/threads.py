"""Runs functions at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def run_together(*functions: Callable[[], T]) -> list[T]:
    """Run functions in threads that start at the same time, and return their results."""
    barrier = Barrier(len(functions))

    def begin(function: Callable[[], T]) -> T:
        barrier.wait()
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        return [
            done.result() for done in [pool.submit(begin, function) for function in functions]
        ]
