"""Random writes of the earlier backend to a table that is being migrated."""

from collections.abc import Callable, Sequence
from random import Random
from threading import Lock

from storage.dynamodb.store import DynamoStore
from tests.storage.dynamodb.legacy import legacy_backend
from tests.storage.dynamodb.legacy.legacy_backend import Item, string_value
from tests.storage.dynamodb.legacy.legacy_table import put_items, read_items
from tests.storage.samples import CODE, DATASET, MODEL

Write = Callable[[DynamoStore], None]


class LegacyWriter:
    """Writes to a store one at a time, and keeps the writes so that they can be repeated."""

    def __init__(self, store: DynamoStore, items: Sequence[Item], seed: int) -> None:
        self.writes: list[Write] = []
        self._store = store
        self._items = items
        self._random = Random(seed)  # noqa: S311 - the same writes every time
        self._lock = Lock()

    def create_table(self, store: DynamoStore) -> None:
        """Replace a store's table by one with the initial items."""
        legacy_backend.create_legacy_table(store)
        put_items(store, iter(self._items))

    def write_next(self, **_: object) -> None:
        """Make another write; the arguments are those of a botocore event."""
        with self._lock:
            write = self._choose_write()
            write(self._store)
            self.writes.append(write)

    def _choose_write(self) -> Write:
        """Choose to register, replace, link, rate or delete an artifact."""
        items = read_items(self._store)
        artifacts = {id_: item for id_, item in items.items() if "artifact" in item}
        models = [
            id_
            for id_, item in artifacts.items()
            if item["artifact_type"] == string_value("model")
        ]
        choose, number = self._random.choice, self._random.randrange
        model, artifact = choose(sorted(models)), choose(sorted(artifacts))
        new_type, linked_type = choose((MODEL, DATASET, CODE)), choose((DATASET, CODE))
        name_number = number(16)
        link = {f"{linked_type.value}_name": string_value(f"name {number(16)}")}
        new_link = link if new_type is MODEL else {}
        new_id, name = f"new-{len(self.writes)}", f"Name {name_number}"
        return choose(
            (
                lambda store: legacy_backend.save_artifact(
                    store, new_type, new_id, name, **new_link
                ),
                lambda store: legacy_backend.save_artifact(store, MODEL, model, name, **link),
                lambda store: legacy_backend.link_model(
                    store, model, linked_type, name=name.upper()
                ),
                lambda store: legacy_backend.rate_model(store, model, name_number / 16),
                lambda store: legacy_backend.delete_artifact(store, artifact),
            )
        )
