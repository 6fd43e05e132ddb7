"""Contacts of an account, to prefill the forms that ask for them."""


def usable(tenant):
    """Return the points that a person is reached by: none given up, none that waits."""
    return tenant.contact_points.filter(failing=False, proposed=False)


def known_contact(user) -> dict:
    """Return name, phone and e-mail that the landlord or the account has; {} for strangers."""
    if not user.is_authenticated:
        return {}
    tenant = getattr(user, "tenant", None)
    known = {"name": str(tenant) if tenant else user.get_full_name(), "email": user.email}
    if not tenant and known["name"] == user.email:
        known["name"] = ""
    for point in usable(tenant).order_by("preferred") if tenant else []:
        known[point.kind] = str(point)
    return known
