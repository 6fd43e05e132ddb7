"""What a claim can be about: families, categories, their versions and their search."""
