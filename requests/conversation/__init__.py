"""The conversation of a claim: messages, mentions, photo requests, ready-made replies."""
