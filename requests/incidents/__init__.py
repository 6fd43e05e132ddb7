"""One fault that many households feel: grouped, told to all, closed by each of them."""
