"""Keep on disk every message that development would have sent, so that none leaves the machine.

One `.eml` file per message and recipient list, under the folder given; the supervisor runs it.
"""

import argparse
import asyncio
import datetime
import os
import secrets
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Keeper:
    """The aiosmtpd handler: writes the message whole, then renames it into sight."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server, session, envelope) -> str:
        stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        target = self.folder / f"{stamp}-{secrets.token_hex(4)}.eml"
        partial = target.with_suffix(".partial")
        head = f"X-Envelope-From: {envelope.mail_from}\r\n"
        head += f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        try:
            partial.write_bytes(head.encode("utf-8", "replace") + envelope.original_content)
            os.replace(partial, target)
        except OSError as error:
            print(f"could not keep a message: {error}", flush=True)
            return "452 Insufficient system storage"
        print(f"kept {target.name} for {', '.join(envelope.rcpt_tos)}", flush=True)
        return "250 Message kept"


async def serve(host: str, port: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    loop = asyncio.get_running_loop()
    keeper = Keeper(folder)
    server = await loop.create_server(
        lambda: SMTP(keeper, enable_SMTPUTF8=True, data_size_limit=50 * 2**20),
        host,
        port,
    )
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    print(f"catching mail on {host}:{port} into {folder}", flush=True)
    await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="host:port")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    host, _, port = given.address.rpartition(":")
    asyncio.run(serve(host, int(port), given.folder))


if __name__ == "__main__":
    main()
