"""Tests of what is measured: limits that a change may not pass unseen."""
