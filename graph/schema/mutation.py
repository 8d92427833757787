"""The root of all mutations."""

import strawberry

from graph.schema.mutations.delete import Deletions
from graph.schema.mutations.register import Registrations
from graph.schema.mutations.update import Updates


@strawberry.type(
    description="What can be changed. Each change takes effect as a whole or not at all."
)
class Mutation(Registrations, Updates, Deletions):
    """All mutations."""
