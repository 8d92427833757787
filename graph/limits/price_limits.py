"""The limits that the price of an operation must keep."""

from graph.errors import Code, RequestError
from graph.limits.price_terms import Price
from graph.settings import Settings


def check_price(price: Price, settings: Settings) -> None:
    """Check that an operation keeps all limits.

    Raises:
        RequestError: It exceeds one; the message says by how much.
    """
    if price.cost > settings.max_query_cost:
        raise _too_complex(
            f"The request costs {price.cost}, and {settings.max_query_cost} is the maximum: "
            "select fewer fields, or ask for smaller pages."
        )
    for actual, maximum, text in (
        (price.depth, settings.max_query_depth, "nests fields {} deep"),
        (price.aliases, settings.max_query_aliases, "has {} aliases"),
    ):
        if actual > maximum:
            raise _too_complex(
                f"The request {text.format(actual)}, and {maximum} is the maximum."
            )


def _too_complex(message: str) -> RequestError:
    return RequestError(Code.QUERY_TOO_COMPLEX, message)
