"""Send one message through a provider; no models here. Each `send` answers with a receipt."""
