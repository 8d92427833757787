from hypothesis import given
from hypothesis import strategies as st

from storage.search import bitmaps
from storage.search.chunk_versions import CHUNK

rows = st.sets(st.sampled_from([1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5]))


@given(rows)
def test_a_bitmap_has_its_rows(some: set[int]) -> None:
    bitmap = bitmaps.from_rows(list(some))

    assert [*bitmaps.to_rows(bitmap)] == sorted(some)
    assert bitmaps.count(bitmap) == len(some)
    content = bitmaps.to_bytes(bitmap)
    assert [row for row, has in enumerate(content, start=1) if has == 1] == sorted(some)
    assert content.count(0) == len(content) - len(some)


@given(rows, rows)
def test_bitmaps_are_sets(some: set[int], others: set[int]) -> None:
    one, other = bitmaps.from_rows(list(some)), bitmaps.from_rows(list(others))

    assert bitmaps.intersect(one, other) == bitmaps.from_rows(list(some & others))
    assert bitmaps.subtract(one, other) == bitmaps.from_rows(list(some - others))
    assert bitmaps.unite(one, other) == bitmaps.from_rows(list(some | others))
