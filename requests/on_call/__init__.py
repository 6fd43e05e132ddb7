"""The home of who is on call: what is open now, what to say, whom to ring, whom to send."""
