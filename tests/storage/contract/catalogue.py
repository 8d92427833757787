"""A store with artifacts that differ in everything by which they can be listed."""

import random
from datetime import timedelta

from storage.artifacts.changes import ANONYMOUS, Attribution
from storage.artifacts.records import Actor, Artifact, Reference
from storage.artifacts.writes import Identity, NewArtifact
from storage.store import Store
from tests.storage.samples import (
    ALICE,
    ALL_TYPES,
    CODE,
    DATASET,
    MODEL,
    START,
    by_id,
    by_name,
    by_url,
    new_artifact,
    url_for,
)
from tests.storage.store_calls import delete, register, update

SIZE = 60
NAMES = (
    "BERT base", "bert", "Bert", "roberta", "org/bert", "Ünïcode", "unicode", "Straße", "a",
    "Z%_x",
)  # fmt: skip
TAGS = ("NLP", "nlp", "Nlp", "vision", "Vision", "Ünï", "rare", "a b")
LICENSES = (None, "MIT", "mit", "Apache-2.0", "apache-2.0", "GPL")
DESCRIPTIONS = (None, "", "Ein kleines MODELL aus Köln.", "Trained on squad; 100% _ok_", "x")
PROPERTIES = (
    (),
    (("Framework", "JAX"),),
    (("framework", "jax"), ("steps", "1000")),
    (("Framework", "jax"), ("framework", "JAX"), ("steps", "")),
    (("FRAMEWORK", "torch"), ("framework", "jax")),
)
CREATORS = (ANONYMOUS, ALICE, Attribution(Actor("Alice")), Attribution(Actor("bob")))


def fill(store: Store, seed: int = 1) -> list[Artifact]:
    """Register artifacts, change and delete some, and return those that are left."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    targets = register(store, *_targets())
    references = _references(targets)
    drafts = [_draft(draw, at, references) for at in range(SIZE)]
    made = [
        artifact
        for at, creator in enumerate(CREATORS)
        for artifact in register(store, *drafts[at :: len(CREATORS)], attribution=creator)
    ]
    # References to these are then lost, or point to the next namesake.
    delete(store, targets[0])
    delete(store, targets[2])
    register(store, new_artifact(CODE, "appears later"))
    for at, artifact in enumerate(made[::7]):
        update(store, artifact, download_url=f"https://example.org/changed/{at}")
    return list(store.scan())


def _targets() -> list[NewArtifact]:
    return [
        new_artifact(DATASET, "squad", identity=_identity("squad-1", 1)),
        new_artifact(
            DATASET,
            "SQuAD",
            url="https://example.org/squad-2",
            identity=_identity("squad-2", 2),
        ),
        new_artifact(CODE, "trainer", identity=_identity("trainer", 3)),
        new_artifact(MODEL, "base", identity=_identity("base", 4)),
    ]


def _references(targets: list[Artifact]) -> list[Reference]:
    first, second, trainer, base = targets
    return [
        by_id(DATASET, first.id, role="TRAINED_ON"),
        by_id(DATASET, second.id, role="EVALUATED_ON"),
        by_name(DATASET, "Squad", role="TRAINED_ON"),
        by_url(DATASET, second.url),
        by_url(CODE, trainer.url),
        by_name(CODE, "appears later", role="TRAINING"),
        by_name(MODEL, "BASE", role="FINE_TUNED"),
        by_id(MODEL, base.id),
        by_name(DATASET, "never"),
    ]


def _draft(draw: random.Random, at: int, references: list[Reference]) -> NewArtifact:
    artifact_type = ALL_TYPES[at % 3]
    is_model = artifact_type is MODEL
    asked = draw.sample(references, draw.randrange(4)) if is_model else []
    name = draw.choice(NAMES)
    return new_artifact(
        artifact_type,
        name,
        *asked,
        url=f"{url_for(artifact_type, name)}/{at}",
        identity=_identity(f"id-{at * 37 % SIZE:02}", at // 4 + 5),
        rated=draw.choice((None, 0.0, 0.25, 0.5, 1.0)) if is_model else None,
        tags=tuple(draw.sample(TAGS, draw.randrange(4))),
        license=draw.choice(LICENSES),
        description=draw.choice(DESCRIPTIONS),
        properties=draw.choice(PROPERTIES),
    )


def _identity(id_: str, seconds: int) -> Identity:
    at = START + timedelta(seconds=seconds)
    return Identity(
        id=id_,
        version=1,
        created_at=at,
        updated_at=at + timedelta(days=seconds % 3),
        named_at=at,
    )
