"""Compares the documented costs and limits of requests with those of the server."""

from graph.limits.budget import (
    ANSWER_BYTES_PER_COST,
    FIELDS_PER_COST,
    MAX_ERRORS,
    READ_BYTES_PER_COST,
)
from graph.limits.document_work import MAX_DIGITS, MAX_LINES, MAX_NAME, MAX_WORK
from graph.limits.input_values import MAX_LIST, MAX_TEXT, MAX_VALUES
from graph.limits.listing_price import (
    COUNT_COST,
    EXCLUSION_COST,
    FILTER_COST,
    PAGE_COST,
    PATTERN_COST,
    SCAN_COST,
    SEARCH_COST,
    STATES_COST,
)
from graph.settings import Settings
from tests.docs.blocks import read_table, read_text

PAGE = "docs/limits-and-errors.md"


def test_costs_of_listings_are_documented() -> None:
    text = read_text(PAGE)
    assert f"A listing costs {PAGE_COST}, and {FILTER_COST} more with a `filter`." in text
    assert f"A `search` costs {SEARCH_COST:,} more, or {SCAN_COST:,} if" in text
    assert f"`name.contains` costs {SCAN_COST:,} more" in text
    assert PATTERN_COST == STATES_COST
    assert f"the `states` of references cost {PATTERN_COST:,} more" in text
    assert f"`totalCount` and each facet cost {COUNT_COST:,} more" in text
    assert f"each of `tags.none` costs {EXCLUSION_COST:,} more then" in text


def test_limits_of_documents_and_variables_are_documented() -> None:
    limits = [cells[0] for cells in read_table(PAGE, "Cost of a request").values()]
    of_variables = [MAX_LIST, MAX_VALUES, MAX_LIST, MAX_TEXT]
    of_documents = [MAX_LINES, MAX_DIGITS, MAX_NAME, MAX_WORK]
    assert limits == [f"{size:,}" for size in of_variables + of_documents]


def test_limits_of_work_are_documented() -> None:
    factors = [FIELDS_PER_COST, 1, 1, READ_BYTES_PER_COST, ANSWER_BYTES_PER_COST]
    maximum = Settings().max_query_cost

    assert list(read_table(PAGE, "Limits of the work of a request").values()) == [
        [f"{factor:,}", f"{factor * maximum:,}"] for factor in factors
    ]
    assert f"There may be {MAX_ERRORS:,} errors in a response" in read_text(PAGE)
