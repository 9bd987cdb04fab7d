"""A raw object of a million lines through the transform; says how many MiB the process came to hold.

As many lines of a real tracker's requests, of some thousand pages: about 1.3 GB. Nothing is kept of them but counts, so
that an object of 5 GB takes the time of five and the memory of one.
"""

import resource
from collections.abc import Iterator
from pathlib import Path

from pipeline.terminal import written
from pipeline.transform import Given, transform

REQUESTS = Path(__file__).parents[1] / "golden" / "requests_of_real_trackers" / "raw.log"
LINES = 1_000_000
CHUNK = 1000  # lines


def chunks() -> Iterator[bytes]:
    """The object, piece by piece."""
    log = REQUESTS.read_bytes().decode().split("\n")
    real = [line for line in log if "\t/i\t" in line]
    yield "".join(f"{line}\n" for line in log if line.startswith("#")).encode()
    for start in range(0, LINES, CHUNK):
        piece = (real[at % len(real)].replace("&page=", f"&page={at % 5000}") for at in range(start, start + CHUNK))
        yield ("\n".join(piece) + "\n").encode()


if __name__ == "__main__":
    lines = sum(batch.lines for batch in transform(chunks(), Given()))
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    written([f"{lines} {mebibytes}"])
