"""Letters on paper: batches, printing, posting and returns; and scans of letters received."""
