"""Staff screens of the housing stock."""
