"""Where the residences stand and where faults are open: a drawing, and the same as a list."""
