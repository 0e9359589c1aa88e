"""Ask whether a hole is known in any pinned package; say so where nobody can be asked.

    python tools/audit.py

pip-audit is installed into an environment of its own, which goes afterwards, and is given names
and versions alone. Ends with 0 where nothing is known, 1 where something is, 2 where the
question could not be put, as without a network.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
ASK = ("pip_audit", "--requirement", str(CONSTRAINTS), "--no-deps", "--disable-pip",
       "--progress-spinner", "off", "--timeout", "15")  # fmt: skip
UNASKED = "audit: {}; nothing was learnt. Run it where there is a network"


def main() -> None:
    """Install, ask, and tell."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = [str(Path(folder, "bin", "python")), "-m"]
        install = [*python, "pip", "install", "-qq", "--disable-pip-version-check", "pip-audit"]
        if subprocess.run(install, check=False).returncode:  # noqa: S603 - our own call
            sys.exit(_tell(UNASKED.format("pip-audit cannot be had")))
        done = subprocess.run([*python, *ASK], check=False, capture_output=True, text=True)  # noqa: S603 - our own call
    known = "Found " in done.stderr and "known vulnerabilit" in done.stderr
    if done.returncode and not known:
        why = (done.stderr.strip().splitlines() or ["it failed"])[-1]
        sys.exit(_tell(UNASKED.format(why)))
    print(done.stdout + done.stderr, end="")
    n = done.stdout.count("could not be audited")
    if n and not known:  # a mirror answers for packages and knows nothing of their holes
        sys.exit(_tell(UNASKED.format(f"of {n} packages nobody could say anything")))
    sys.exit(done.returncode)


def _tell(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
