"""Who lives there: people, their contact points, leases and coded needs."""
