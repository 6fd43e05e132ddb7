"""Sign-on of staff through the landlord's OpenID Connect provider (docs/adr/0036-sign-on.md)."""
