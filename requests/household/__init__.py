"""Who in a home reads what: confidential claims, their readers, ended access, two open leases."""
