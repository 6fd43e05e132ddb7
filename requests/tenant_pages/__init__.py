"""The tenant's pages: filing, following, answering and closing, with or without an account."""
