"""An array that comes in pieces is the array that was cut."""

import hashlib
import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cloud_bridge.link.array import ArrayInPieces

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
ITEMS = st.lists(
    st.recursive(
        SCALARS,
        lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each),
        max_leaves=8,
    ),
    max_size=6,
)


def taken(pieces: list[str]) -> ArrayInPieces:
    array = ArrayInPieces()
    for piece in pieces:
        array.take(piece)
    return array


@given(ITEMS, st.lists(st.integers(0, 200)), st.sampled_from([None, 1]))
def test_wherever_it_was_cut_its_items_are_the_same(
    items: list[object], cuts: list[int], indent: int | None
) -> None:
    text = json.dumps(items, ensure_ascii=False, indent=indent)
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    array = taken([text[a:b] for a, b in pairwise(places)])
    assert array.whole
    assert [json.loads(bytes(item)) for item in array.items] == items
    assert array.sha256 == hashlib.sha256(text.encode()).hexdigest()


@given(ITEMS, st.data())
def test_what_is_cut_short_or_goes_on_is_not_whole(
    items: list[object], data: st.DataObject
) -> None:
    text = json.dumps(items)
    end = data.draw(st.integers(0, len(text) - 1))
    assert not taken([text[:end]]).whole
    assert not taken([text, "x"]).whole


@given(st.lists(st.text()))
def test_text_that_is_no_array_raises_nothing(pieces: list[str]) -> None:
    array = taken(pieces)
    if array.whole:
        assert isinstance(json.loads("".join(pieces), strict=False), list)


def test_a_deep_item_and_an_endless_one_end_nothing() -> None:
    assert not taken(["[", "[" * 100_000]).whole
    assert not taken(['["', *["x" * 100_000] * 50]).whole
