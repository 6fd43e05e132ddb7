"""The screens of agency staff: the inbox, the page of a claim, what may be done with it."""
