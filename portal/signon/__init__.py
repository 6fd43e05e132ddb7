"""Sign-on of staff through the landlord's OpenID Connect provider (docs/adr/0032-sign-on.md)."""
