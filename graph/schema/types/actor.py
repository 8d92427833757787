"""The type Actor: who made a change."""

import strawberry

from storage.artifacts import records


@strawberry.type(description="A caller who made a change, as its token identifies it.")
class Actor:
    """A caller."""

    __shows__ = records.Actor

    name: str = strawberry.field(
        description="The name of a static token, or the subject of a token of an OpenID "
        "Connect issuer."
    )
    issuer: str | None = strawberry.field(
        description="The issuer of the token, or null for a static token."
    )
