"""Letters that leave and arrive on paper: batches, printing, returns, and scanned pages."""
