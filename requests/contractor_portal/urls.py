"""The contractor's pages, opened by a link to one order, and the calendar of a contractor."""

from django.urls import path

from requests.contractor_portal import calendar_views
from requests.contractor_portal import views as contractor

urlpatterns = [
    path("calendar/<str:token>.ics", calendar_views.contractor_feed, name="contractor_feed"),
    path("<str:token>/", contractor.job, name="job"),
    path("<str:token>/renew/", contractor.renew, name="job_renew"),
    path("<str:token>/details/", contractor.details, name="job_details"),
    path("<str:token>/step/<slug:name>/", contractor.step, name="job_step"),
    path("<str:token>/photo/<uuid:file>/", contractor.photo, name="job_photo"),
    path("<str:token>/<slug:name>/", contractor.act, name="job_act"),
]
