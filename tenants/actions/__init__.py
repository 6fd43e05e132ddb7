"""Actions that change the records of people."""
