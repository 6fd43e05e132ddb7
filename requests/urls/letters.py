"""Letters on paper, both ways, for the desks."""

from django.urls import path

from requests.views import letters, scans

app_name = "letters"
urlpatterns = [
    path("", letters.index, name="index"),
    path("batch/", letters.make, name="make"),
    path("batch/<uuid:pk>/", letters.batch, name="batch"),
    path("batch/<uuid:pk>/letters.pdf", letters.batch_pdf, name="batch_pdf"),
    path("batch/<uuid:pk>/printed/", letters.printed, name="printed"),
    path("batch/<uuid:pk>/posted/", letters.posted, name="posted"),
    path("in/", scans.upload, name="scan"),
    path("in/<uuid:pk>/", scans.arrange, name="arrange"),
    path("in/file/<uuid:pk>/", scans.original, name="original"),
    path("in/page/<uuid:pk>/", scans.page, name="page"),
    path("in/thumb/<uuid:pk>/", scans.thumb, name="thumb"),
    path("in/letter/<uuid:pk>/", scans.sort, name="sort"),
    path("in/letter/<uuid:pk>/letter.pdf", scans.paper, name="paper"),
    path("in/letter/<uuid:pk>/attach/", scans.attach, name="attach"),
    path("in/letter/<uuid:pk>/file/", scans.file_new, name="file"),
    path("<uuid:pk>/", letters.letter, name="letter"),
    path("<uuid:pk>/letter.pdf", letters.letter_pdf, name="letter_pdf"),
    path("<uuid:pk>/received/", letters.received, name="received"),
    path("<uuid:pk>/returned/", letters.returned, name="returned"),
    path("<uuid:pk>/back/", letters.put_back, name="put_back"),
]
