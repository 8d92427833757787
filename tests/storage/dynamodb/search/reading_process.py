"""Lists a table again and again, or builds its copy again and again, until it is killed.

Arguments: `list` or `build`. Prints a line before each listing or build.
"""

import sys

from storage.errors import SearchNotReadyError
from storage.opening import open_store
from storage.search.pages import Window
from storage.settings import StoreSettings, load_settings
from tests.storage.samples import listing

if __name__ == "__main__":
    store = open_store(load_settings(StoreSettings))
    while True:
        print("next", flush=True)  # noqa: T201 - what its parent reads
        try:
            if sys.argv[1] == "build":
                store.reindex(lambda *_: None)
            else:
                store.page(listing(), Window(100))
        except SearchNotReadyError:
            continue
