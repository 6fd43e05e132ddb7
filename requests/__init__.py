"""The claim and everything that happens to it. Not the PyPI library of the same name."""
