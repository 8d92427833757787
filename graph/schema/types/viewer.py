"""The type Viewer: who sends the request."""

import strawberry

from graph.schema.types.enums import Role


@strawberry.type(description="The caller that sends the request.")
class Viewer:
    """A caller."""

    name: str | None = strawberry.field(
        description="The name of a static token, or the subject of a token of an OpenID "
        "Connect issuer. Null without a token."
    )
    issuer: str | None = strawberry.field(
        description="The issuer of the token, or null for a static token or none."
    )
    role: Role = strawberry.field(description="The role of the caller.")
    url_prefixes: list[str] | None = strawberry.field(
        description="The prefixes of the URLs of the artifacts that the caller may write, or "
        "null if they are not limited."
    )
