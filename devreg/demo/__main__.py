"""The stand-ins alone, until Ctrl-C: `python -m devreg.demo FOLDER` beside a register in another terminal."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from devreg.demo.plan import SIZE
from devreg.demo.rig import start


def main() -> int:
    """Write FOLDER/devreg.toml, tell the addresses, and wait."""
    parser = argparse.ArgumentParser(prog="python -m devreg.demo")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--devices", type=int, default=SIZE)
    parser.add_argument("--snmp", action="store_true", help="network devices too")
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with start(options.folder.absolute(), options.devices, snmp=options.snmp) as rig:
        print(f"settings  {rig.config}")
        print(f"control   {rig.control.address}")
        print(f'browser   BROWSER="{sys.executable} -m devreg.demo.browser {rig.graph.ca_bundle} %s"')
        print(
            "first     devreg db upgrade, devreg action limits --apply, devreg collect; each with --config and the settings"
        )
        print("Stand-ins of devreg's demo; every device and person is invented. Ctrl-C ends them.", flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
