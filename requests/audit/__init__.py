"""Who opened which person's record or request, and opening one in an emergency with a reason."""
