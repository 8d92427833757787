"""Resets the store of the environment; tells of each batch, and its own peak memory in KiB."""

import re
from pathlib import Path

from storage.opening import open_store
from storage.settings import StoreSettings, load


def peak() -> int:
    """The most memory that this process ever had; getrusage would count its parent's too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    store = open_store(load(StoreSettings))
    for count in store.reset():
        print(count, peak(), flush=True)  # noqa: T201 - what its parent reads
