r"""Chunks of bytes, plain or gzipped → blocks of whole lines → lines with their numbers.

A line ends at `\n` and nowhere else. Memory is bounded whatever comes: of a line longer than LONGEST only its start is
kept, and a gzip bomb is read block by block.
"""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

BLOCK = 4 << 20  # bytes; of 1 MiB Arrow's kernels are twice as slow, of 16 MiB no faster, and it takes 300 MiB more
MOST = 1 << 17  # lines; real ones fill a block long before, but of empty ones there could be millions
PIECE = 1 << 18
LONGEST = 1 << 20  # bytes; a request's line has at most 8 KiB of URL and 32 KiB of headers, escaped threefold
KEPT = 64 << 10  # bytes kept of a line that is longer than that
GZIP = b"\x1f\x8b"


class Unreadable(Exception):  # noqa: N818 - it says what the raw object is
    """A raw object that cannot be read to its end: cut short, or damaged."""


class Block(NamedTuple):
    """Whole lines without the last newline, the number of the first, and how many bytes of the last were left out."""

    data: bytes
    first: int
    left_out: int = 0


def blocks(chunks: Iterable[bytes]) -> Iterator[Block]:
    """The chunks' lines in blocks of about BLOCK bytes or MOST lines.

    Raises:
        Unreadable: they end too early or are damaged; what could be read has been given before.
    """
    lines = Lines()
    try:
        for piece in unpacked(iter(chunks)):
            yield from lines.with_piece(piece)
    except (EOFError, OSError, zlib.error) as error:
        yield from lines.rest()
        raise Unreadable(str(error)) from error
    yield from lines.rest()


def unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks themselves, or where their first bytes say gzip, what they unpack to."""
    start = b""
    while len(start) < len(GZIP) and (chunk := next(chunks, None)) is not None:
        start += chunk
    source = io.BufferedReader(Stream(chain([start], chunks)), PIECE)
    reader = gzip.GzipFile(fileobj=source) if start.startswith(GZIP) else source
    while piece := reader.read1(PIECE):  # read1, so that what came before an error is not lost
        yield piece


class Stream(io.RawIOBase):
    """An iterator of bytes as the stream that the standard library's gzip reads."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks
        self.left = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the standard library's own is wider
        """Fill `buffer` as far as the present chunk goes; 0 at the end."""
        while not self.left:
            chunk = next(self.chunks, None)
            if chunk is None:
                return 0
            self.left = memoryview(chunk)
        size = min(len(buffer), len(self.left))
        buffer[:size], self.left = self.left[:size], self.left[size:]
        return size


class Lines:
    """What was read and not yet given as a block."""

    def __init__(self) -> None:
        self.whole: list[bytes] = []
        self.size = self.count = 0  # of bytes, of lines
        self.start = b""  # of the line whose end has not come; of an over-long one LONGEST bytes and one more
        self.left_out = 0
        self.first = 1

    def with_piece(self, piece: bytes) -> Iterator[Block]:
        """The blocks that are full once `piece` is there too."""
        if len(self.start) > LONGEST:  # only its length matters now
            rest, newline, piece = piece.partition(b"\n")
            self.left_out += len(rest)
            if not newline:
                return
            yield from self.rest()
        head, newline, tail = piece.rpartition(b"\n")
        if newline:
            self.whole += [self.start, head, newline]
            self.size += len(self.start) + len(head) + 1
            self.count += head.count(newline) + 1
            self.start = b""
        self.start += tail
        if self.size >= BLOCK or self.count >= MOST or len(self.start) > LONGEST:
            yield from self.whole_lines()
        self.left_out = max(0, len(self.start) - LONGEST - 1)
        self.start = self.start[: LONGEST + 1]

    def whole_lines(self) -> Iterator[Block]:
        """The whole lines so far, as one block."""
        if self.whole:
            data = b"".join(self.whole)
            yield Block(data[:-1], self.first)
            self.first += self.count
            self.whole, self.size, self.count = [], 0, 0

    def rest(self) -> Iterator[Block]:
        """All that is left, as if its last line ended here."""
        yield from self.whole_lines()
        if self.start:
            yield Block(self.start, self.first, self.left_out)
            self.first += 1
        self.start, self.left_out = b"", 0


def data_lines(block: Block) -> pa.Table:
    """The block's lines but those of white space alone: `line` (its number), `text`, `length` in bytes, `fault`."""
    data = block.data if block.data.isascii() else block.data.decode(errors="replace").encode()
    text = split(data).cast(pa.string())
    length = lengths(block, text)
    too_long = pc.greater(length, LONGEST)
    if b"\r" in data:
        text = pc.replace_substring_regex(text, r"\r$", "")
    table = pa.table(
        {
            "line": pa.array(range(block.first, block.first + len(text)), pa.int64()),
            "text": pc.replace_with_mask(text, too_long, starts(text.filter(too_long))),
            "length": length,
            "fault": pc.if_else(too_long, "line_too_long", pa.scalar(None, pa.string())),
        }
    )
    blank = pc.equal(pc.ascii_trim_whitespace(text), "")
    return table.filter(pc.or_(too_long, pc.invert(blank)))  # of an over-long line the rest may not be blank


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
