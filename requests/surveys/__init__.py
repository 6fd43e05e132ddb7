"""Ask a sample of tenants how satisfied they are, once a wave, and publish what they said."""
