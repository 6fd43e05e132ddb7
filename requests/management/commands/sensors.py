"""`manage.py sensors`: listen to the sensors' broker (PALIER_MQTT_URL) until stopped."""

import signal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.clock import now
from requests.sensors.readings import Subscriber


class Command(BaseCommand):
    help = "Listen to the sensors' MQTT broker until stopped."

    def handle(self, *args, **options) -> None:
        if not settings.PALIER_MQTT_URL:
            raise CommandError("PALIER_MQTT_URL is empty: there is no broker to listen to.")
        subscriber = Subscriber(settings.PALIER_MQTT_URL, settings.PALIER_MQTT_TOPIC, now)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, subscriber.stop)
        try:
            subscriber.run()
        except OSError as error:
            raise CommandError(f"The broker cannot be reached: {error}") from error
