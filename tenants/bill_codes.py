"""Codes on rent bills, which link an account to a home; each is used once."""

import secrets

# No 0/O, 1/I/L: read aloud and typed from paper. 31^10 codes: not to be guessed.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10


def bill_code() -> str:
    """Return a new random code for the rent bill, of letters and digits that cannot be confused."""
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))
