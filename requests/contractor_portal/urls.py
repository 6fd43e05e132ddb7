"""The contractor's pages, opened by a link to one order, and the calendar of a contractor."""

from django.urls import path

from requests.contractor_portal import calendar_views
from requests.contractor_portal import views as contractor

urlpatterns = [
    path("calendar/<token:token>.ics", calendar_views.contractor_feed, name="contractor_feed"),
    path("<token:token>/", contractor.job, name="job"),
    path("<token:token>/renew/", contractor.renew, name="job_renew"),
    path("<token:token>/details/", contractor.details, name="job_details"),
    path("<token:token>/step/<slug:name>/", contractor.step, name="job_step"),
    path("<token:token>/photo/<uuid:file>/", contractor.photo, name="job_photo"),
    path("<token:token>/<slug:name>/", contractor.act, name="job_act"),
]
