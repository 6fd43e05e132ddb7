"""The contractor's pages: one order by link, or all orders signed in."""
