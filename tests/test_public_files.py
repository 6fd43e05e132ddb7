"""The files that strangers and catalogues read: complete, valid, and without invented contacts."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = yaml.safe_load((ROOT / "publiccode.yml").read_text())
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# The vocabularies of the standard (yml.publiccode.tools): those of its tags that may suit us.
CATEGORIES = {
    "appointment-scheduling",
    "call-center-management",
    "communications",
    "crm",
    "customer-service-and-support",
    "digital-citizenship",
    "facility-management",
    "feedback-and-reviews-management",
    "help-desk",
    "property-management",
    "real-estate-management",
    "service-desk",
    "workflow-management",
}
SCOPES = {"government", "infrastructures", "local-authorities", "society", "welfare"}
STATUSES = {"concept", "development", "beta", "stable", "obsolete"}
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+\.)+\w+")


def test_publiccode_has_every_mandatory_key():
    assert PUBLIC["publiccodeYmlVersion"] == "0.4"
    assert PUBLIC["name"] == "Palier"
    assert re.fullmatch(r"https://\S+", PUBLIC["url"])
    date.fromisoformat(PUBLIC["releaseDate"])
    assert PUBLIC["platforms"] == ["web"]
    assert PUBLIC["developmentStatus"] in STATUSES
    assert PUBLIC["softwareType"] == "standalone/web"
    assert PUBLIC["categories"]
    assert set(PUBLIC["categories"]) <= CATEGORIES
    assert set(PUBLIC["intendedAudience"]["scope"]) <= SCOPES
    assert PUBLIC["localisation"]["localisationReady"] is True
    assert PUBLIC["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    if PUBLIC["maintenance"]["type"] in {"internal", "community"}:
        assert all(contact["name"] for contact in PUBLIC["maintenance"]["contacts"])


@pytest.mark.parametrize("language", PUBLIC["description"])
def test_publiccode_describes_within_its_limits(language):
    said = PUBLIC["description"][language]
    assert 0 < len(said["shortDescription"]) <= 150
    assert "\n" not in said["shortDescription"]
    assert 150 <= len(said["longDescription"]) <= 10_000
    assert 5 <= len(said["features"]) <= 20
    assert all(isinstance(feature, str) for feature in said["features"])


def test_publiccode_agrees_with_the_code():
    assert PUBLIC["softwareVersion"] == PROJECT["version"]
    assert PUBLIC["legal"]["license"] == PROJECT["license"]
    assert set(PUBLIC["localisation"]["availableLanguages"]) == {c for c, _ in settings.LANGUAGES}
    needs = {need["name"]: need.get("versionMin") for need in PUBLIC["dependsOn"]["open"]}
    assert PROJECT["requires-python"] == f">={needs['Python']}"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_issue_forms_are_valid(path):
    form = yaml.safe_load(path.read_text())
    if path.name == "config.yml":
        assert form["blank_issues_enabled"] is False
        return
    assert {"name", "description", "body"} <= form.keys()
    asked = [item for item in form["body"] if item["type"] != "markdown"]
    assert len({item["id"] for item in asked}) == len(asked)
    for item in asked:
        assert item["type"] in {"textarea", "input", "dropdown", "checkboxes"}
        assert item["attributes"]["label"]
        if item["type"] == "dropdown":
            assert all(isinstance(option, str) for option in item["attributes"]["options"])


def test_the_files_that_strangers_look_for_are_there():
    for name in ("SECURITY.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"):
        assert (ROOT / name).read_text().strip(), name
    assert (ROOT / ".github" / "pull_request_template.md").exists()
    assert len(FORMS) >= 3
    security = (ROOT / "SECURITY.md").read_text()
    for name in re.findall(r"`((?:docs|portal|tests)/[\w./-]+|[\w.-]+\.(?:toml|md))`", security):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize(
    "name", ["SECURITY.md", "CODE_OF_CONDUCT.md", "publiccode.yml", "pyproject.toml"]
)
def test_no_address_is_invented(name):
    assert ADDRESS.findall((ROOT / name).read_text()) == []
