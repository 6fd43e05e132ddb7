"""channels/inbound of the claim, one file per audience or purpose."""
