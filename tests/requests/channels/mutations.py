"""Mails damaged on the way: bytes flipped, cut, doubled and spliced."""

import random

from tests.requests.channels import mails

SEEDS = [case.raw for case in mails.all_cases() if len(case.raw) < 6_000]
WEDGES = (b"\r\n", b"\n\n", b"\0", b"--=_b", b"=?utf-8?b?", b'";', b"\xff")


def mutated(number: int) -> bytes:
    """Return the damaged mail of this number: always the same one."""
    rng = random.Random(number)
    raw = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(raw) + 1)
        how = rng.randrange(5)
        if how == 0 and raw:
            raw[at % len(raw)] = rng.randrange(256)
        elif how == 1:
            del raw[at : at + rng.randint(1, 60)]
        elif how == 2:
            raw[at:at] = raw[at : at + rng.randint(1, 200)]
        elif how == 3:
            raw[at:at] = rng.choice(WEDGES)
        else:
            other = rng.choice(SEEDS)
            raw[at:] = other[rng.randrange(len(other) + 1) :]
    return bytes(raw)
