"""Routes of letters sent and received, for the desks."""

from django.urls import path

from requests.letters import scan_views
from requests.letters import views as letters

app_name = "letters"
urlpatterns = [
    path("", letters.index, name="index"),
    path("batch/", letters.make, name="make"),
    path("batch/<uuid:pk>/", letters.batch, name="batch"),
    path("batch/<uuid:pk>/letters.pdf", letters.batch_pdf, name="batch_pdf"),
    path("batch/<uuid:pk>/printed/", letters.mark_printed, name="printed"),
    path("batch/<uuid:pk>/posted/", letters.mark_posted, name="posted"),
    path("in/", scan_views.upload, name="scan"),
    path("in/<uuid:pk>/", scan_views.arrange, name="arrange"),
    path("in/file/<uuid:pk>/", scan_views.original, name="original"),
    path("in/page/<uuid:pk>/", scan_views.page, name="page"),
    path("in/thumb/<uuid:pk>/", scan_views.thumb, name="thumb"),
    path("in/letter/<uuid:pk>/", scan_views.sort, name="sort"),
    path("in/letter/<uuid:pk>/letter.pdf", scan_views.paper, name="paper"),
    path("in/letter/<uuid:pk>/attach/", scan_views.attach, name="attach"),
    path("in/letter/<uuid:pk>/file/", scan_views.file_new, name="file"),
    path("<uuid:pk>/", letters.letter, name="letter"),
    path("<uuid:pk>/letter.pdf", letters.letter_pdf, name="letter_pdf"),
    path("<uuid:pk>/received/", letters.mark_received, name="received"),
    path("<uuid:pk>/returned/", letters.mark_returned, name="returned"),
    path("<uuid:pk>/back/", letters.put_back, name="put_back"),
]
