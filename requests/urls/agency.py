"""Pages of this audience."""

app_name = "agency"
urlpatterns = []
