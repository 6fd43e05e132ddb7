"""Addresses of the landlord's console."""

from django.urls import path

from requests.console import (
    catalogue_views,
    channel_views,
    contract_views,
    home_views,
    log_views,
    map_views,
    move_views,
    people_views,
    setting_views,
    staff_file_views,
)
from requests.console.sections import SECTIONS

app_name = "console"
urlpatterns = [
    path("our-contracts/", contract_views.ours, name="our_contracts"),
    path("", home_views.home, name="home"),
    path("people/", people_views.people, name="people"),
    path("people/invite/", people_views.invite, name="invite"),
    path("people/file/", staff_file_views.staff, name="staff"),
    path("people/file/invite/", staff_file_views.invite_all, name="invite_all"),
    path("people/file/rejects.csv", staff_file_views.staff_rejects, name="staff_rejects"),
    path("people/file/template.csv", staff_file_views.staff_template, name="staff_template"),
    path("people/<int:pk>/", people_views.person, name="person"),
    path("people/<int:pk>/resend/", people_views.resend, name="resend"),
    path("people/<int:pk>/withdraw/", people_views.withdraw, name="withdraw"),
    path("people/<int:pk>/name/", people_views.rename, name="rename"),
    path("people/<int:pk>/away/", people_views.away, name="away"),
    path("people/<int:pk>/move/", move_views.move, name="move"),
    path("people/<int:pk>/leave/", people_views.leave, name="leave"),
    path("people/<int:pk>/factor/", people_views.reset_factor, name="reset_factor"),
    path("landlord/", channel_views.landlord, name="landlord"),
    path("week/", channel_views.week, name="week"),
    path("map/", map_views.streets, name="map"),
    path("channels/", channel_views.channels, name="channels"),
    path("channels/message/", channel_views.test_message, name="test_message"),
    path("mailboxes/<int:pk>/test/", channel_views.test_mailbox, name="test_mailbox"),
    path("texts/<int:pk>/test/", channel_views.test_text, name="test_text"),
    path("catalogue/file/", catalogue_views.file, name="catalogue_import"),
    path("catalogue/export.csv", catalogue_views.export, name="catalogue_export"),
    path("catalogue/publish/", catalogue_views.publish_all, name="catalogue_publish"),
    path("catalogue/rehearse/", catalogue_views.rehearse, name="catalogue_rehearse"),
    path("catalogue/<int:pk>/draft/", catalogue_views.draft, name="catalogue_draft"),
    path("catalogue/<int:pk>/drop/", catalogue_views.drop, name="catalogue_drop"),
    path("log/", log_views.log, name="log"),
    path("log/<int:pk>/undo/", log_views.undo, name="undo"),
]
for section in SECTIONS:
    slug, more = section.slug, {"section": section}
    urlpatterns += [
        path(f"{slug}/", setting_views.rows, more, name=slug),
        path(f"{slug}/<{section.key}:pk>/", setting_views.edit, more, name=f"{slug}_edit"),
    ]
    if section.may_add:
        urlpatterns.insert(0, path(f"{slug}/new/", setting_views.add, more, name=f"{slug}_add"))
    if section.may_delete:
        address = f"{slug}/<{section.key}:pk>/delete/"
        urlpatterns.append(path(address, setting_views.delete, more, name=f"{slug}_delete"))
