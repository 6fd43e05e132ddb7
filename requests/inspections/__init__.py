"""Have a contractor look at equipment or a building, without a fault that nobody reported."""
