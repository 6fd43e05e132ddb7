"""Real processes, killed at random moments: nothing lost, nothing doubled, nothing forgotten."""
