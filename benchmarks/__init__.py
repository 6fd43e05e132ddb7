"""Speed and scale, measured: `make bench`."""
