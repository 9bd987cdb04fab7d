"""A raw object of as many lines as the argument says, through the transform; says what came out and what it took.

The lines are those of real trackers' requests, of some thousand pages, and one in a thousand is junk; they are made and
gzipped while they are read, and nothing is kept of them but counts.
"""

import json
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from zlib_ng import zlib_ng

from pipeline.terminal import written
from pipeline.transform import Given, transform

REQUESTS = Path(__file__).parents[1] / "golden" / "requests_of_real_trackers" / "raw.log"
PIECE = 1000  # lines
GZIP = zlib_ng.MAX_WBITS | 16


def pieces(lines: int) -> Iterator[bytes]:
    """The log, piece by piece; each piece's last line is junk."""
    log = REQUESTS.read_bytes().decode().split("\n")
    real = [line for line in log if "\t/i\t" in line]
    yield "".join(f"{line}\n" for line in log if line.startswith("#")).encode()
    for start in range(0, lines, PIECE):
        requests = (
            real[at % len(real)].replace("&page=", f"&page={at % 5000}") for at in range(start + 1, start + PIECE)
        )
        yield "\n".join((*requests, "junk\n")).encode()


def gzipped(texts: Iterator[bytes], told: Counter[str]) -> Iterator[bytes]:
    """The raw object's bytes; `told` counts those of the log."""
    packer = zlib_ng.compressobj(1, wbits=GZIP)
    for text in texts:
        told["bytes"] += len(text)
        yield packer.compress(text)
    yield packer.flush()


if __name__ == "__main__":
    told: Counter[str] = Counter()
    for batch in transform(gzipped(pieces(int(sys.argv[1])), told), Given()):
        told.update(events=len(batch.events), bad_rows=len(batch.bad_rows), ignored=len(batch.ignored))
    told["mebibytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    written([json.dumps(told)])
