"""Work to do, as rows that a worker leases."""
