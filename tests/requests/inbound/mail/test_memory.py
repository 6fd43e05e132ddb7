"""What a mail of 28 MB takes of memory: no more than 200 MB, in processes of their own.

In a process that had much memory before, what was freed hides what is taken: so each is measured
in a new one.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from requests.attachments.models import Attachment
from requests.channels.mailbox_models import Mailbox
from requests.channels.models import Intake
from requests.inbound import imap
from tests import trust
from tests.faults.stand import Stand
from tests.requests.attachments import pdfs, pictures
from tests.requests.channels import mails as made
from tests.requests.inbound.imap_server import ImapServer

ROOT = Path(__file__).resolve().parents[4]
ALLOWED = 200  # MB
needs_linux = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="Linux tells how much memory a process had"
)
PARSE = """
import sys
from pathlib import Path
from requests.channels.mail import parser
from tests.requests.inbound.mail import heavy_mail
raw = Path(sys.argv[1]).read_bytes()
parser.parse(raw[:2000])
heavy_mail.forget_the_peak()
before = heavy_mail.megabytes("VmHWM")
found = parser.parse(raw)
assert len(found.files) == 3 and parser.identity(raw)
print(heavy_mail.megabytes("VmHWM") - before)
"""


def heavy(*more: bytes) -> bytes:
    """Return a mail just below the limit."""
    data = bytes(range(256)) * 27_000  # 6.9 MB, 9.3 on the way
    zips = (made.part(f'Content-Type: application/zip; name="{n}.zip"', data) for n in range(3))
    return made.parts(made.TEXT, *zips, *more)


@needs_linux
def test_parsing_a_mail_of_28_megabytes(tmp_path):
    path = tmp_path / "heavy.eml"
    path.write_bytes(heavy())
    assert 27_000_000 < path.stat().st_size < imap.LARGEST
    program = [sys.executable, "-c", PARSE, str(path)]
    told = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    print(f"parsing {path.stat().st_size / 1e6:.0f} MB takes {float(told.stdout):.0f} MB more")
    assert float(told.stdout) < ALLOWED / 2


def memory_of(pid: int) -> float:
    """Return how much memory of its own a process has, in MB; 0 for one that ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(row.split()[1]) for row in lines if row.startswith("RssAnon")) / 1024


def sandboxes(pid: int) -> float:
    """Return how much memory the processes have that ``pid`` started."""
    try:
        own = Path(f"/proc/{pid}/cmdline").read_bytes()
        pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # Until it begins its program, a child shares the memory of who started it.
        begun = [kid for kid in pids if Path(f"/proc/{kid}/cmdline").read_bytes() != own]
    except OSError:
        return 0.0
    return sum(memory_of(int(kid)) for kid in begun)


class Watch(threading.Thread):
    """Looks how much memory a process and its children have, and one of the database."""

    def __init__(self, pid: int, backend: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.backend = pid, backend
        self.own, self.database = memory_of(pid), memory_of(backend)
        self.most = self.most_of_database = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.005):
            tree = memory_of(self.pid) + sandboxes(self.pid)
            self.most = max(self.most, tree - self.own)
            self.most_of_database = max(
                self.most_of_database, memory_of(self.backend) - self.database
            )

    def end(self) -> None:
        self.over.set()
        self.join()


@needs_linux
@pytest.mark.trust
@pytest.mark.real_clock
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not trust.WHOLE, reason="a process of its own takes seconds to start")
def test_fetching_storing_and_reading_it(box, tmp_path):
    picture = made.part(
        'Content-Type: image/jpeg; name="a.jpg"', pictures.picture(size=(4000, 3000))
    )
    paper = made.part('Content-Type: application/pdf; name="a.pdf"', pdfs.page())
    env = os.environ | {
        "DATABASE_URL": Stand.database_url(),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PALIER_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
    }
    with ImapServer() as server:
        server.box[1] = made.mail("Bonjour.", message_id="<1@t>")
        late = heavy(picture, paper)
        Mailbox.objects.filter(pk=box.pk).update(
            host="127.0.0.1",
            port=server.port,
            security="none",
            username="palier",
            secret_name="PALIER_MAIL_SECRET_TEST",
        )
        program = [sys.executable, "-m", "tests.requests.inbound.mail.heavy_mail"]
        with subprocess.Popen(
            program, cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            watch = Watch(process.pid, int(process.stdout.readline().split()[1]))
            watch.start()
            server.box[2] = late
            said, _none = process.communicate("go\n", timeout=120)
    watch.end()
    own = json.loads(said)["own"]
    print(
        f"a mail of {len(late) / 1e6:.0f} MB: {own:.0f} MB more to fetch, store and read it, "
        f"{watch.most:.0f} MB with the sandboxes, {watch.most_of_database:.0f} MB in the database"
    )
    assert Attachment.unscoped.count() == 5
    kept = sorted(bytes(raw) for raw in Intake.unscoped.values_list("raw", flat=True))
    assert kept == sorted(server.box.values())
    assert max(own, watch.most) < ALLOWED
    assert watch.most_of_database < ALLOWED
