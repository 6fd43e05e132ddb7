"""What the stock tells: faults that come back, noise or change, equipment likely to fail."""
