"""The root of all mutations."""

import strawberry

from graph.mutations.delete import Deletions
from graph.mutations.register import Registrations
from graph.mutations.update import Updates


@strawberry.type(
    description="What can be changed. Each change takes effect as a whole or not at all."
)
class Mutation(Registrations, Updates, Deletions):
    """All mutations."""
