"""One encrypted file that holds the whole portal, and the way back from it (docs/adr/0031)."""
