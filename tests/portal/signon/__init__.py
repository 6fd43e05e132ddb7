"""Staff sign on through a provider that really runs (tests/portal/signon/oidc.py)."""
