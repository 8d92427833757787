"""The mutations that several test files send."""

from typing import Any

from tests.graph.clients import BERT, RATING, Client

FIELDS = "type name url downloadUrl license tags version"
REGISTER_MODEL = f"""
mutation ($input: RegisterModelInput!, $onConflict: OnConflict! = REJECT) {{
  registerModel(input: $input, onConflict: $onConflict) {{
    model {{ id {FIELDS} createdAt updatedAt rating {{ netScore }} references {{ kind name }} }}
    userErrors {{ code message field artifact {{ id version }} }}
  }}
}}
"""
ERRORS = "userErrors { code message field artifact { id version } }"
UPDATE_MODEL = f"""
mutation ($id: ID!, $input: UpdateModelInput!, $version: Int) {{
  updateModel(id: $id, input: $input, expectedVersion: $version) {{
    model {{
      name url downloadUrl license tags version rating {{ netScore }} references {{ name }}
    }}
    {ERRORS}
  }}
}}
"""
RATE_MODEL = f"""
mutation ($id: ID!, $rating: ModelRatingInput!, $version: Int) {{
  rateModel(id: $id, rating: $rating, expectedVersion: $version) {{
    model {{
      version name
      rating {{
        {" ".join(name for name in RATING if name != "sizeScore")}
        sizeScore {{ raspberryPi jetsonNano desktopPc awsServer }}
      }}
    }}
    {ERRORS}
  }}
}}
"""
DELETE_ARTIFACT = f"""
mutation ($id: ID!, $type: ArtifactType, $version: Int) {{
  deleteArtifact(id: $id, type: $type, expectedVersion: $version) {{ deletedId {ERRORS} }}
}}
"""
RESET = f"""
mutation ($confirm: String!) {{ reset(confirm: $confirm) {{ deletedCount {ERRORS} }} }}
"""


async def register_model(client: Client, **fields: object) -> tuple[Any, list[dict[str, Any]]]:
    """Register a model; return it, or None, and the errors."""
    data = await client.data(REGISTER_MODEL, input={"url": BERT, **fields})
    payload = data["registerModel"]
    return payload["model"], payload["userErrors"]
