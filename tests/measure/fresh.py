"""From an empty folder to the first pin, as a newcomer does it.

    python -m tests.measure.fresh [--test]

Clones this repository into a temporary folder, runs `make run` there with its own state, and prints
when the page answered and when the first incident was in the feed; with --test also runs `make test` there.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.measure.flood import free_port

WITHIN_S = 900.0


def main() -> None:
    """Run it once and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--test", action="store_true", help="also run `make test` in the clone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hansho-fresh-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        clone, state, log = folder / "hansho", folder / "state", folder / "run.log"
        git = shutil.which("git") or "git"
        subprocess.run([git, "clone", "-q", str(Path.cwd()), str(clone)], check=True)
        _first_pin(clone, state, log)
        if options.test:
            started = time.monotonic()
            done = subprocess.run(["make", "test"], cwd=clone, capture_output=True, text=True, check=False)
            closing = [line for line in done.stdout.splitlines() if " passed" in line]
            print(f"make test           {time.monotonic() - started:.0f} s, exit code {done.returncode}")
            print("\n".join(closing) or done.stdout[-3000:])


def _first_pin(clone: Path, state: Path, log: Path) -> None:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DRILL"}}
    environment |= {"PORT": str(port), "STATE": str(state)}
    started = time.monotonic()
    with log.open("wb") as output:
        running = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        page = f"http://127.0.0.1:{port}"
        _until(lambda: httpx.get(f"{page}/readyz", timeout=2).status_code == 200, running)
        print(f"ready               {time.monotonic() - started:.1f} s after `make run`")
        key = json.loads((state / "credentials.json").read_text(encoding="utf-8"))["key"]
        headers = {"Authorization": f"Bearer {key}"}
        items = f"{page}/collections/incidents/items?limit=10000"

        def pinned() -> bool:
            features = httpx.get(items, headers=headers, timeout=5).json()["features"]
            return any(feature["geometry"] for feature in features)

        _until(pinned, running)
        print(f"first pin           {time.monotonic() - started:.1f} s after `make run`")
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("bootstrap:"):
                print(f"  {line}")
    finally:
        began = time.monotonic()
        os.killpg(running.pid, signal.SIGINT)
        running.wait(60)
        print(f"stopped in          {time.monotonic() - began:.1f} s")


def _until(true: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if running.poll() is not None:
            raise RuntimeError(f"make run ended with {running.returncode}")
        with contextlib.suppress(httpx.TransportError):
            if true():
                return
        time.sleep(0.3)
    raise TimeoutError("not ready in time")


if __name__ == "__main__":
    main()
