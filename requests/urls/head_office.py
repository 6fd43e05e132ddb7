"""Pages of this audience."""

app_name = "head_office"
urlpatterns = []
