"""Pairs of records that may be one person, kept beside the records; and whom to look at again."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.access import DESK_ROLES
from portal.scope import ScopedManager
from tenants.models import Distinct, Tenant
from tenants.querysets import SEE_ALL

EVERY = 0  # the unit of the row of a pair that those read who see all units


class DoublePairQuerySet(models.QuerySet["DoublePair"]):
    """Pairs narrowed to what a membership may compare."""

    def kept_for(self, membership) -> "DoublePairQuerySet":
        """Return the pairs kept for the member's unit, in the order of an index.

        A few of them the member may not compare: narrow those of a page by ``visible_to``, which
        looks at each person's stays.
        """
        if membership is None or membership.role not in DESK_ROLES:
            return self.none()
        return self.filter(unit=EVERY if membership.role in SEE_ALL else membership.unit_id)

    def visible_to(self, membership) -> "DoublePairQuerySet":
        """Return the pairs of people whom the member sees both; none for other roles.

        Without those that somebody declared different, and those about which something changed
        since they were found: they come back when they have been looked at again.
        """
        rows = self.kept_for(membership)
        if rows.query.is_empty():
            return rows
        if membership.role in SEE_ALL:
            rows = rows.filter(one__merged_into__isnull=True, other__merged_into__isnull=True)
        else:
            people = Tenant.objects.visible_to(membership)
            rows = rows.filter(one__in=people, other__in=people)
        pair = {"one": models.OuterRef("one"), "other": models.OuterRef("other")}
        apart = Distinct.objects.of(**pair)
        changed = DoubleCheck.objects.filter(
            Q(person=models.OuterRef("one")) | Q(person=models.OuterRef("other"))
        )
        return rows.filter(~models.Exists(apart), ~models.Exists(changed))


class DoublePairManager(ScopedManager[DoublePairQuerySet]):
    """The scopes a pair may be asked for through."""

    rows = DoublePairQuerySet

    def kept_for(self, membership) -> DoublePairQuerySet:
        return self.unscoped_rows().kept_for(membership)

    def visible_to(self, membership) -> DoublePairQuerySet:
        return self.unscoped_rows().visible_to(membership)


class DoublePair(models.Model):
    """Two records that share a phone, a mailbox, or a name and a home.

    ``one`` has the smaller key. Kept once for all units (``EVERY``), and once for each unit in
    whose stock both live or lived: its list is read by one index. Written by ``doubles.py`` alone,
    from the records: it holds nothing that they do not, and can be made again at any time.
    """

    one = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("one"))
    other = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("other"))
    phone = models.BooleanField(_("same phone"))
    email = models.BooleanField(_("same e-mail"))
    name_and_home = models.BooleanField(_("same name and home"))
    same_name = models.BooleanField(_("same name"))
    strength = models.PositiveSmallIntegerField(_("number of reasons"))
    unit = models.BigIntegerField(_("unit"), default=EVERY, db_default=EVERY)

    unscoped = DoublePairQuerySet.as_manager()
    objects = DoublePairManager()

    class Meta:
        default_manager_name = "unscoped"
        verbose_name = _("probable double")
        verbose_name_plural = _("probable doubles")
        constraints = [
            models.UniqueConstraint(fields=["one", "other", "unit"], name="double_once_a_unit"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="double_in_order"),
        ]
        indexes = [
            models.Index(
                fields=["unit", "-same_name", "-strength", "id"], name="double_of_unit_first"
            )
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"

    @property
    def reasons(self) -> list[str]:
        """Return why the two may be one, by the names of the columns."""
        return [name for name in ("email", "phone", "name_and_home") if getattr(self, name)]


class DoubleCheck(models.Model):
    """A person whose pairs are to be found again; triggers write it (0034_doubles).

    ``person`` is a bare key: the record may be gone.
    """

    person = models.UUIDField(primary_key=True)
    at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("person to compare again")
        verbose_name_plural = _("people to compare again")
        indexes = [models.Index(fields=["at"], name="double_check_at")]

    def __str__(self) -> str:
        return str(self.person)
