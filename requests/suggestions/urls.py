"""URLs of the suggestion model's versions, for the people responsible for it."""

from django.urls import path

from requests.suggestions import views as suggestions

app_name = "suggestions"
urlpatterns = [
    path("", suggestions.index, name="index"),
    path("train/", suggestions.train, name="train"),
    path("switch/<switch:state>/", suggestions.switch, name="switch"),
    path("<int:version>/use/", suggestions.use, name="use"),
]
