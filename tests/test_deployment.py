"""The compose file and the image name only what exists, and keep the promises of operations.md."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
import yaml

from portal import probe

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat", "sensors"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def words(command) -> list[str]:
    return command if isinstance(command, list) else shlex.split(command)


def modules(command: list[str]) -> list[str]:
    """Python modules that a command names: `-m x`, `-A x`, `x:application`."""
    found = [command[n + 1] for n, word in enumerate(command[:-1]) if word in {"-m", "-A"}]
    return found + [word.split(":")[0] for word in command if word.endswith(":application")]


def test_every_long_running_service_has_a_health_check_and_comes_back():
    for name, service in SERVICES.items():
        if name != "migrate":
            assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
            assert service["restart"] == "unless-stopped", name


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_without_rights_on_a_read_only_disk(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["env_file"] == ".env"
    assert service["image"].startswith("palier")


@pytest.mark.parametrize("name", OURS)
def test_commands_and_checks_name_modules_that_exist(name):
    service = SERVICES[name]
    commands = [words(service.get("command", []))]
    commands.append(service.get("healthcheck", {}).get("test", []))
    for module in [m for command in commands for m in modules(command)]:
        assert importlib.util.find_spec(module), module


def test_management_commands_exist():
    script = SERVICES["migrate"]["command"][-1]
    for command in re.findall(r"manage\.py (\w+)", script + DOCKERFILE):
        ours = list(ROOT.glob(f"*/management/commands/{command}.py"))
        assert ours or command in {"migrate", "collectstatic"}, command


def test_work_starts_after_the_migrations():
    for name in ("web", "worker", "beat", "sensors"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"


def test_named_volumes_are_declared():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert used == set(COMPOSE["volumes"])


def test_no_secret_is_written_down():
    for line in (ROOT / "docker-compose.yml").read_text().splitlines():
        if "PASSWORD:" in line or "SECRET" in line.split("#")[0]:
            assert "${" in line, line


def test_the_image_is_pinned_and_not_root():
    assert re.search(r"^ARG PYTHON=3\.\d+\.\d+-slim-\w+$", DOCKERFILE, re.M)
    assert "--require-hashes" in DOCKERFILE
    assert DOCKERFILE.index("\nUSER palier") < DOCKERFILE.index("\nCMD")
    for path in re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.M):
        assert (ROOT / path).exists(), path


@pytest.mark.django_db
def test_the_probe_reads_the_pulse():
    from portal.models import Pulse

    assert probe.main(["worker"]) == 1
    Pulse.beat("worker")
    assert probe.main(["worker"]) == 0
    assert probe.main(["nobody"]) == 2


def test_the_probe_says_no_when_nothing_listens(monkeypatch):
    from portal.dev.embedded import free_port

    assert not probe.web(free_port())
