"""Who is who: callers, doubles and their merges, proxies and what they do."""
