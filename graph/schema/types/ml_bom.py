"""The type MlBom: a model and everything upstream in the format CycloneDX."""

import strawberry


@strawberry.type(
    description="A bill of materials in the format CycloneDX 1.6. The same artifacts make the "
    "same text: its serial number follows from its content, and its timestamp is the time of "
    "the last change of an artifact in it."
)
class MlBom:
    """A bill of materials."""

    text: str = strawberry.field(description="The bill of materials, as JSON.")
    missing: list[str] = strawberry.field(
        description="What the format has a place for and the registry does not know, such as "
        "licenses that artifacts do not state, references that do not resolve, and artifacts "
        "that were left out because there are too many."
    )
