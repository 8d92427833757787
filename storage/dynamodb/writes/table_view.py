"""The items that one attempt of a write has read, all of them consistently."""

from collections.abc import Iterable

from storage.artifacts.ids import is_id
from storage.artifacts.records import Artifact, ArtifactType, Target
from storage.dynamodb.client.client import DynamoClient
from storage.dynamodb.items.codec import decode, name_since
from storage.dynamodb.items.references import encode_resolved
from storage.dynamodb.items.uniqueness import decode_owner
from storage.dynamodb.schema.attributes import BY_BEARING, KEY, Item
from storage.dynamodb.schema.keys import name_item_key, uniqueness_key
from storage.errors import UndecodableError

_CANDIDATES = 25
"""Read from the index; some that it shows may be deleted or renamed, or be about to leave."""


class TableView:
    """Items by their keys, and who has a name, as they were read or written since."""

    def __init__(self, client: DynamoClient) -> None:
        self._client = client
        self._items: dict[str, Item | None] = {}
        self._artifacts: dict[str, Artifact | UndecodableError | None] = {}
        self._bearers: dict[str, list[Artifact]] = {}

    def load(self, keys: Iterable[str | None]) -> None:
        """Read the items that have not been read yet."""
        missing = [key for key in dict.fromkeys(keys) if key and key not in self._items]
        found = self._client.get_items(missing)
        self._items.update((key, found.get(key)) for key in missing)

    def forget(self, keys: Iterable[str]) -> None:
        """Read these items anew when they are loaded."""
        for key in keys:
            self._items.pop(key, None)

    def __getitem__(self, key: str) -> Item | None:
        """Return an item that was read; None if there is none."""
        return self._items[key]

    def note(self, key: str, item: Item | None) -> None:
        """Note what became of an item."""
        self._items[key] = item
        self._artifacts.pop(key, None)

    def artifact(self, id: str) -> Artifact | UndecodableError | None:  # noqa: A002 - the registry's own word
        """Return the artifact of an item that was read."""
        if id not in self._artifacts:
            item = self._items[id]
            try:
                self._artifacts[id] = None if item is None else decode(item)
            except UndecodableError as error:
                self._artifacts[id] = error
        return self._artifacts[id]

    def load_owners(self, keys: Iterable[str]) -> None:
        """Read the artifacts that own urls and names, whose items were read."""
        owners = (decode_owner(self._items[key]) for key in keys)
        self.load(owner.id for owner in owners if owner and is_id(owner.id))

    def owner_of_url(self, type: ArtifactType, url: str, key: str) -> Item | None:  # noqa: A002 - the registry's own word
        """Return the item of the artifact that has a url, if its owner still has it."""
        owner = decode_owner(self._items[key])
        item = self._items[owner.id] if owner and is_id(owner.id) else None
        right = {"url": {"S": url}, "artifact_type": {"S": type.value}}
        has_url = item and all(item.get(name) == right[name] for name in right)
        return item if has_url else None

    def owner_place(self, key: str) -> str | None:
        """Return the place of the owner of a name, if the owner still has the name."""
        owner = decode_owner(self._items[key])
        if owner is None or owner.named_at is None or not is_id(owner.id):
            return None
        place = encode_resolved(owner)
        return place if self._has_name(owner.id, key, place) else None

    def load_bearers(self, keys: Iterable[str]) -> None:
        """Read who has these names, by the index, and then consistently."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._bearers]
        pages = self._client.query([_query(key) for key in missing], _CANDIDATES)
        ids = [[item[KEY]["S"] for item in page] for page in pages]
        self.load(id_ for page in ids for id_ in page)
        for key, page in zip(missing, ids, strict=True):
            artifacts = (self.artifact(id_) for id_ in page)
            having = [
                a for a in artifacts if isinstance(a, Artifact) and name_item_key(a) == key
            ]
            self._bearers[key] = sorted(having, key=name_since)

    def bearers(self, key: str) -> list[Artifact]:
        """Return those that were found to have a name, the one who has had it longest first."""
        return self._bearers.get(key, [])

    def named(self, target: Target) -> Artifact | UndecodableError | None:
        """Return the artifact to which a name resolves."""
        key = uniqueness_key(target)
        if place := self.owner_place(key):
            return self.artifact(place.rpartition("#")[2])
        return next(iter(self.bearers(key)), None)

    def _has_name(self, id: str, key: str, place: str) -> bool:  # noqa: A002 - the registry's own word
        artifact = self.artifact(id)
        if isinstance(artifact, Artifact):
            return name_item_key(artifact) == key and name_since(artifact) == place
        item = self._items[id] or {}
        return item.get("bears") == {"S": key} and item.get("named_key") == {"S": place}


def _query(key: str) -> dict[str, object]:
    return {
        "IndexName": BY_BEARING,
        "KeyConditionExpression": "bears = :b",
        "ExpressionAttributeValues": {":b": {"S": key}},
    }
