r"""Chunks of bytes, plain or gzipped → blocks of whole lines → lines with their numbers.

A line ends at `\n` and nowhere else. Memory is bounded whatever comes: of a line longer than LONGEST only its start is
kept, and a gzip bomb is read block by block.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from zlib_ng import zlib_ng  # takes a third of zlib's time

BLOCK = 10 << 20  # bytes; each block has a cost of its own, and in memory takes some 20 times its size
MOST = 1 << 17  # lines; real ones fill a block long before, but of empty ones there could be millions
PIECE = 1 << 20
PACKED = 1 << 17
LONGEST = 1 << 20  # bytes; a request's line has at most 8 KiB of URL and 32 KiB of headers, escaped threefold
KEPT = 64 << 10  # bytes kept of a line that is longer than that
NEWLINE = b"\n"
GZIP = b"\x1f\x8b"
MARK = "\ufeff".encode()  # which editors and shells put before the first line of what they save as UTF-8
WITH_HEADER = 31  # zlib's number for a window of 32 KiB in a gzip, whose checksum and length it compares


class Unreadable(Exception):  # noqa: N818 - it says what the raw object is
    """A raw object that cannot be read to its end: cut short, or damaged."""


class Block(NamedTuple):
    """Whole lines without the last newline, the number of the first, how many they are, what the last one lacks."""

    data: bytes
    first: int
    lines: int
    left_out: int = 0
    """bytes"""


def blocks(chunks: Iterable[bytes]) -> Iterator[Block]:
    """The chunks' lines in blocks of about BLOCK bytes or MOST lines.

    Raises:
        Unreadable: they end too early or are damaged; what could be read has been given before.
    """
    lines = Lines()
    try:
        for piece in unpacked(iter(chunks)):
            yield from lines.with_piece(piece)
    except (EOFError, OSError, zlib_ng.error) as error:
        yield from lines.rest()
        raise Unreadable(str(error)) from error
    yield from lines.rest()


def unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks themselves, or where their first bytes say gzip, what they unpack to."""
    start = b""
    while len(start) < len(GZIP) and (chunk := next(chunks, None)) is not None:
        start += chunk
    whole = chain([start], chunks)
    return gunzipped(whole) if start.startswith(GZIP) else whole


def gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What the members of a gzip hold, in pieces of at most PIECE bytes; zeros between or after them are padding.

    Source: RFC 1952.
    """
    member = None
    for chunk in small(chunks):
        left = chunk
        while left := left if member else left.lstrip(b"\0"):
            member = member or zlib_ng.decompressobj(WITH_HEADER)
            before = member.copy()
            try:
                yield member.decompress(left, PIECE)
            except zlib_ng.error:
                yield from up_to_the_damage(before, left)
                raise
            left = member.unused_data if member.eof else member.unconsumed_tail
            member = None if member.eof else member
    if member:
        raise EOFError("it ends before its gzip does")


def small(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks, cut up: what is left of one is copied for each piece that comes out of it."""
    return (chunk[at : at + PACKED] for chunk in chunks for at in range(0, len(chunk), PACKED))


def up_to_the_damage(member: "zlib_ng._Decompress", packed: bytes) -> Iterator[bytes]:
    """What comes before the byte at which the member's error is raised."""
    for at in range(len(packed)):
        yield member.decompress(packed[at : at + 1])


class Lines:
    """What was read and not yet given as a block."""

    def __init__(self) -> None:
        self.whole: list[bytes | memoryview] = []
        self.size = 0  # of them, in bytes
        self.start = b""  # of the line whose end has not come; of an over-long one LONGEST bytes and one more
        self.left_out = 0
        self.first = 1

    def with_piece(self, piece: bytes) -> Iterator[Block]:
        """The blocks that are full once `piece` is there too."""
        if len(self.start) > LONGEST:  # only its length matters now
            rest, newline, piece = piece.partition(NEWLINE)
            self.left_out += len(rest)
            if not newline:
                return
            yield from self.rest()
        end = piece.rfind(NEWLINE) + 1
        if end:
            self.whole += [self.start, memoryview(piece)[:end]]  # copied once, into the block
            self.size += len(self.start) + end
            self.start = b""
        self.start += piece[end:]
        if self.size >= BLOCK or len(self.start) > LONGEST:
            yield from self.whole_lines()
        self.left_out = max(0, len(self.start) - LONGEST - 1)
        self.start = self.start[: LONGEST + 1]

    def whole_lines(self) -> Iterator[Block]:
        """The whole lines so far, in blocks of at most MOST."""
        if self.whole:
            data = b"".join([*self.whole[:-1], self.whole[-1][:-1]])
            self.whole, self.size = [], 0
            for block in numbered(data, self.first):
                yield block
                self.first += block.lines

    def rest(self) -> Iterator[Block]:
        """All that is left, as if its last line ended here."""
        yield from self.whole_lines()
        if self.start:
            yield Block(self.start, self.first, 1, self.left_out)
            self.first += 1
        self.start, self.left_out = b"", 0


def numbered(data: bytes, first: int) -> Iterator[Block]:
    """The lines in blocks of at most MOST."""
    start, lines = 0, 1
    end = data.find(NEWLINE)  # quicker, line by line, than `count`
    while end >= 0:
        if lines == MOST:
            yield Block(data[start:end], first, lines)
            start, first, lines = end + 1, first + lines, 0
        lines += 1
        end = data.find(NEWLINE, end + 1)
    yield Block(data[start:], first, lines)


def without_mark(block: Block) -> Block:
    """The block without a byte order mark at the start of the log."""
    return block._replace(data=block.data.removeprefix(MARK)) if block.first == 1 else block


def data_lines(block: Block) -> pa.Table:
    """The block's lines but those of white space alone: `line` (its number), `text`, `length` in bytes, `fault`."""
    data = as_utf8(block.data)
    text = split(data).cast(pa.string())
    length = lengths(block, text)
    if b"\r" in data:
        text = pc.replace_substring_regex(text, r"\r$", "")
    too_long = pc.greater(length, LONGEST)
    if any_of(too_long):
        text = pc.replace_with_mask(text, too_long, starts(text.filter(too_long)))
    numbers = pa.array(range(block.first, block.first + len(text)), pa.int64())
    fault = pc.if_else(too_long, "line_too_long", pa.scalar(None, pa.string()))
    table = pa.table({"line": numbers, "text": text, "length": length, "fault": fault})
    skipped = pc.and_not(blank(text), too_long)  # of an over-long line the rest may not be blank
    return table.filter(pc.invert(skipped)) if any_of(skipped) else table


def without_text(numbers: pa.Array) -> pa.Table:
    """Lines of these numbers, of which nothing else is to be told."""
    kinds = {"text": pa.string(), "length": pa.int64(), "fault": pa.string()}
    return pa.table({"line": numbers} | {name: pa.nulls(len(numbers), kind) for name, kind in kinds.items()})


def is_simple(block: Block) -> bool:
    r"""Whether all is ASCII, no line is over-long, and none ends in `\r`: so CloudFront writes them."""
    data = block.data
    return data.isascii() and b"\r" not in data and not block.left_out and not any_longer(data)


def any_longer(data: bytes) -> bool:
    """Whether any line is longer than LONGEST."""
    start = 0
    while len(data) - start > LONGEST:
        end = data.rfind(NEWLINE, start, start + LONGEST + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def as_utf8(data: bytes) -> bytes:
    """The bytes, with U+FFFD for what is no UTF-8."""
    return data if data.isascii() else data.decode(errors="replace").encode()


def any_of(flags: pa.Array) -> bool:
    """Whether any is true."""
    return bool(pc.any(flags).as_py())


def blank(text: pa.Array) -> pa.Array:
    """Which lines are of white space alone."""
    may_be = pc.less_equal(pc.utf8_slice_codeunits(text, 0, 1), " ")
    if not any_of(may_be):
        return may_be
    return pc.equal(pc.ascii_trim_whitespace(pc.if_else(may_be, text, "x")), "")


def split(data: bytes) -> pa.Array:
    """The lines, as bytes."""
    return pc.split_pattern(pa.array([data], pa.binary()), b"\n").flatten()


def lengths(block: Block, text: pa.Array) -> pa.Array:
    """How many bytes each line had, whatever of them could be read or kept."""
    length = pc.binary_length(text if block.data.isascii() else split(block.data)).cast(pa.int64())
    if not block.left_out:
        return length
    return pc.add(length, pa.array([0] * (len(length) - 1) + [block.left_out], pa.int64()))


def starts(texts: pa.Array) -> pa.Array:
    """The first KEPT bytes of each text."""
    return pa.array([text.encode()[:KEPT].decode(errors="ignore") for text in texts.to_pylist()], pa.string())
