"""Routes of the list of leases that contradict each other, for the desks."""

from django.urls import path

from requests.household import views

app_name = "household"
urlpatterns = [
    path("", views.index, name="leases"),
    path("<int:pk>/end/", views.end_lease, name="end_lease"),
    path("ends/<uuid:pk>/undo/", views.undo, name="undo"),
]
