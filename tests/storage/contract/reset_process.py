"""Resets the store of the environment; prints each batch's size and the peak memory in KiB."""

import re
from pathlib import Path

from storage.opening import open_store
from storage.settings import StoreSettings, load_settings


def peak_memory() -> int:
    """The peak memory of this process; getrusage would count its parent's, too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    store = open_store(load_settings(StoreSettings))
    for count in store.reset():
        print(count, peak_memory(), flush=True)  # noqa: T201 - what its parent reads
