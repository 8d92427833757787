"""The mutations that several test files send."""

from typing import Any

from tests.graph.clients import BERT, RATING, Client

FIELDS = """
type name url downloadUrl description license tags properties { key value } version
"""
ERRORS = "userErrors { code message field artifact { id version } }"
REGISTER_MODEL = f"""
mutation ($input: RegisterModelInput!, $onConflict: OnConflict! = REJECT) {{
  registerModel(input: $input, onConflict: $onConflict) {{
    model {{
      id {FIELDS} createdAt updatedAt rating {{ netScore }}
      references {{ kind targetName role revision }}
    }}
    outcome
    {ERRORS}
  }}
}}
"""
UPDATE_MODEL = f"""
mutation ($id: ID!, $input: UpdateModelInput!, $version: Int) {{
  updateModel(id: $id, input: $input, expectedVersion: $version) {{
    model {{ {FIELDS} rating {{ netScore }} references {{ targetName }} }}
    outcome
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
    outcome
    {ERRORS}
  }}
}}
"""
DELETE_ARTIFACT = f"""
mutation ($id: ID!, $type: ArtifactType, $version: Int) {{
  deleteArtifact(id: $id, type: $type, expectedVersion: $version) {{
    deletedId successor {{ id name }} {ERRORS}
  }}
}}
"""
RESTORE_ARTIFACT = f"""
mutation ($id: ID!) {{
  restoreArtifact(id: $id) {{ artifact {{ id {FIELDS} }} {ERRORS} }}
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
