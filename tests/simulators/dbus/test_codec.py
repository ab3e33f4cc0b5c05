import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.dbus import Kind, Message, Variant, WireError, codec
from simulators.dbus import message as wire
from simulators.dbus.signature import split as split_signature

_INTEGERS = {"y": (0, 2**8), "n": (-(2**15), 2**15), "q": (0, 2**16), "i": (-(2**31), 2**31),
             "u": (0, 2**32), "x": (-(2**63), 2**63), "t": (0, 2**64)}  # fmt: skip
_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


def _typed() -> st.SearchStrategy[tuple[str, object]]:
    """Pairs of a complete type and a value of it."""
    integers = [
        st.tuples(st.just(code), st.integers(low, high - 1))
        for code, (low, high) in _INTEGERS.items()
    ]
    basic = st.one_of(
        *integers,
        st.tuples(st.just("b"), st.booleans()),
        st.tuples(st.just("d"), st.floats(allow_nan=False)),
        st.tuples(st.just("s"), _TEXT),
    )
    leaves = basic | st.tuples(st.just("ay"), st.binary(max_size=40))
    return st.recursive(leaves, _containers, max_leaves=8)


def _containers(
    inner: st.SearchStrategy[tuple[str, object]],
) -> st.SearchStrategy[tuple[str, object]]:
    variants = inner.map(lambda pair: ("v", Variant(*pair)))
    structs = st.lists(inner, min_size=1, max_size=4).map(
        lambda pairs: (f"({''.join(each for each, _ in pairs)})", tuple(v for _, v in pairs))
    )
    repeated = st.tuples(inner, st.integers(0, 3)).map(_array_of)
    entries = st.tuples(st.lists(_TEXT, unique=True, max_size=3), inner).map(
        lambda pair: (f"a{{s{pair[1][0]}}}", dict.fromkeys(pair[0], pair[1][1]))
    )
    return st.one_of(variants, structs, repeated, entries)


def _array_of(element: tuple[tuple[str, object], int]) -> tuple[str, object]:
    (type_, value), count = element
    if type_ == "y":
        return "ay", bytes([int(str(value))] * count)
    return f"a{type_}", [value] * count


@given(st.lists(_typed(), max_size=4))
def test_what_is_encoded_is_decoded_again(pairs: list[tuple[str, object]]) -> None:
    signature = "".join(type_ for type_, _ in pairs)
    values = tuple(value for _, value in pairs)
    data = codec.encode(signature, values)
    assert codec.decode(signature, data) == (values, len(data))


@given(_typed(), st.data())
def test_a_truncated_value_is_refused(pair: tuple[str, object], data: st.DataObject) -> None:
    encoded = codec.encode(pair[0], (pair[1],))
    cut = data.draw(st.integers(0, len(encoded) - 1))
    with pytest.raises(WireError):
        codec.decode(pair[0], encoded[:cut])


@given(
    st.sampled_from(["a{oa{sa{sv}}}", "sa{sv}as", "a(yv)", "aaaav", "v", "(ybnqiuxtd)"]),
    st.binary(),
)
def test_any_bytes_are_a_value_or_refused(signature: str, data: bytes) -> None:
    try:
        codec.decode(signature, data)
    except WireError:
        return


@given(st.text("ybnqiuxtdsogvah(){}z", max_size=20))
def test_any_text_is_a_signature_or_refused(signature: str) -> None:
    try:
        types = split_signature(signature)
    except WireError:
        return
    assert "".join(types) == signature


@pytest.mark.parametrize(
    "signature", ["a", "(", "()", "a{s}", "a{vs}", "{ss}", "a{sss}", "z", "a" * 80 + "y"]
)
def test_a_malformed_signature_is_refused(signature: str) -> None:
    with pytest.raises(WireError):
        split_signature(signature)


def test_variants_nested_without_end_are_refused() -> None:
    with pytest.raises(WireError):
        codec.decode("v", b"\x01v\x00" * 1000)


@pytest.mark.parametrize(
    ("signature", "value"),
    [("y", 256), ("n", 40_000), ("s", 3), ("as", 5), ("v", "bare"), ("(ii)", (1,)), ("u", None)],
)
def test_a_value_outside_its_type_is_refused(signature: str, value: object) -> None:
    with pytest.raises(WireError):
        codec.encode(signature, (value,))


# A Hello call from the specification's layout, written out by hand: little-endian, a call, no
# flags, version 1; no body; serial 1; 109 bytes of fields.
HELLO = bytes.fromhex(
    "6c01000100000000010000006d000000"
    "01016f00150000002f6f72672f667265656465736b746f702f4442757300000002017300140000006f72672e6672"
    "65656465736b746f702e4442757300000000030173000500000048656c6c6f00000006017300140000006f72672e"
    "667265656465736b746f702e444275730000"
)


def test_a_call_of_hello_is_read_as_the_specification_lays_it_out() -> None:
    padded = HELLO + bytes(-len(HELLO) % 8)
    assert wire.frame_length(padded) == len(padded)
    message = wire.decode(padded)
    assert message.kind is Kind.CALL
    assert message.path == "/org/freedesktop/DBus"
    assert message.interface == message.destination == "org.freedesktop.DBus"
    assert (message.member, message.serial, message.signature) == ("Hello", 1, "")


@given(st.binary(max_size=60), st.integers(1, 2**32 - 1))
def test_a_message_survives_the_wire_and_each_prefix_of_it_is_incomplete(
    payload: bytes, serial: int
) -> None:
    sent = Message(
        Kind.SIGNAL, serial=serial, path="/a", interface="b.c", member="D", sender=":1.7",
        signature="ay", body=codec.encode("ay", (payload,)),
    )  # fmt: skip
    data = sent.encode()
    received = wire.decode(data)
    assert (received.path, received.sender, received.serial) == ("/a", ":1.7", serial)
    assert received.arguments == (payload,)
    for end in range(len(data)):
        length = wire.frame_length(data[:end])
        assert length is None or length > end


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    try:
        if wire.frame_length(data) == len(data):
            wire.decode(data)
    except WireError:
        return


def test_a_frame_beyond_the_limit_is_refused_before_it_is_collected() -> None:
    head = bytearray(HELLO[:16])
    head[4:8] = (wire.MAX_MESSAGE_BYTES + 1).to_bytes(4, "little")
    with pytest.raises(WireError, match="allowed"):
        wire.frame_length(head)
