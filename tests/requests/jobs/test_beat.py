"""What beat asks for is known to the workers: a task that nobody knows is never done."""

from django.conf import settings

from portal.celery import app


def test_each_task_of_the_schedule_is_registered():
    app.autodiscover_tasks(force=True)
    asked = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert asked - set(app.tasks) == set()
