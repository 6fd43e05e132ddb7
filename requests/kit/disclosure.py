"""The smallest group for which a figure may be shown."""

# No figure is shown for fewer claims than this (docs/principles.md, D4).
SMALL = 10
