"""Command line for the catalogue: safe to run at every deployment."""

from django.core.management.base import BaseCommand

from requests.catalogue.actions import load_catalogue


class Command(BaseCommand):
    help = "Create the categories that are missing; edited ones are left alone."

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"{load_catalogue()} categories created")
