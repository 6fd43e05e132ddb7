"""The smallest group that a figure may speak of."""

# No figure is shown for fewer claims than this (docs/principles.md, D4).
SMALL = 10
