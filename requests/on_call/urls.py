"""On-call duty."""

from django.urls import path

from requests.on_call import views

app_name = "on_call"
urlpatterns = [
    path("", views.home, name="home"),
    path("<uuid:pk>/", views.claim, name="claim"),
    path("<uuid:pk>/take/", views.take, name="take"),
    path("<uuid:pk>/order/", views.order, name="order"),
]
