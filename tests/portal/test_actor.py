"""Who acts: one value for members, tenants, contractors, proxies and the system."""

from types import SimpleNamespace

from django.contrib.auth.models import AnonymousUser

from portal.access import Role
from portal.actor import PROXY, SYSTEM, Actor


def asked_by(user, membership=None):
    return SimpleNamespace(user=user, membership=membership)


def test_a_request_names_its_actor():
    person = SimpleNamespace(is_authenticated=True)
    member = SimpleNamespace(role=Role.AGENT, user=person)
    assert Actor.of(asked_by(person, member)) == Actor(Role.AGENT, person, membership=member)
    assert Actor.of(asked_by(person)) == Actor(Role.TENANT, person)
    assert Actor.of(asked_by(AnonymousUser())) == Actor.TENANT


def test_only_the_landlords_people_are_staff():
    staff = {role for role in (*Role.values, SYSTEM, PROXY) if Actor(role).is_staff}
    others = {Role.TENANT, Role.TENANT_REPRESENTATIVE, Role.CONTRACTOR}
    assert staff == set(Role.values) - others


def test_said_through_somebody_it_is_the_tenants_own():
    person, mandate = SimpleNamespace(), SimpleNamespace()
    proxy = Actor.proxy(person, mandate)
    assert (proxy.role, proxy.user, proxy.mandate) == (PROXY, person, mandate)
    assert proxy.as_tenant() == Actor.tenant(person)
    assert proxy.as_system() == Actor.system(person)
    assert proxy.as_tenant().mandate is None
