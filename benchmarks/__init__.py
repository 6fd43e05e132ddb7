"""Benchmarks of speed and scale: `make bench`."""
