"""Settings for a non-engineer: the catalogue; and read-only sight of stuck jobs."""

from django.contrib import admin

from requests.models import Category, Family, Job


@admin.register(Family)
class FamilyAdmin(admin.ModelAdmin):
    list_display = ["code", "label_fr", "label_en", "tile", "position"]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["code", "label_fr", "family", "urgency", "ack_hours", "resolve_days", "active"]
    list_filter = ["family", "urgency", "responsible", "active"]
    search_fields = ["code", "label_fr", "label_en", "plain_language_fr"]
    readonly_fields = ["version"]

    def save_model(self, request, obj, form, change) -> None:
        if change and form.changed_data:
            obj.version += 1
        super().save_model(request, obj, form, change)


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """The dead-letter screen: filter on undone rows with many attempts, and try again."""

    list_display = ["kind", "key", "next_at", "attempts", "done_at", "error"]
    list_filter = ["kind", ("done_at", admin.EmptyFieldListFilter), "attempts"]
    actions = ["try_again"]

    @admin.action(description="Try again")
    def try_again(self, request, queryset) -> None:
        queryset.filter(done_at__isnull=True).update(attempts=0)

    def has_add_permission(self, request) -> bool:
        return False
