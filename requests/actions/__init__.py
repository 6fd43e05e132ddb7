"""The only writers: every change to a claim is one of these functions."""
