"""Settings by place of use: base holds what is common, the others only what differs."""
