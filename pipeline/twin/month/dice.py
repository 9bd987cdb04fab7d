"""A seed → numbers as they are needed to make people up."""

import math
from random import Random

# RFC 9562: the bits that tell the version and the variant of a random UUID.
VERSION_4 = 0x4000_8000_0000_0000_0000
NOT_RANDOM = ~0xF000_C000_0000_0000_0000


class Dice(Random):
    """Python's own generator, and what visits are made of."""

    def about(self, median: float, spread: float = 0.8) -> float:
        """A positive number that is below the median as often as above, seldom far above."""
        return self.lognormvariate(math.log(median), spread)

    def uuid(self) -> str:
        """A random UUID, as text."""
        digits = f"{self.getrandbits(128) & NOT_RANDOM | VERSION_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def happens(self, chance: float) -> bool:
        """Whether something of that chance comes about."""
        return self.random() < chance
