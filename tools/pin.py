"""Write constraints.txt: the versions that a fresh environment gets today, and no addresses."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
OWN = "geo-hotspots"
HEAD = "# Pinned versions of everything, made by `make constraints`; names and versions only.\n"


def main() -> None:
    """Install everything into a new environment and write down what came."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip"]
        subprocess.run([*pip, "install", "--quiet", f"{ROOT}[test,check,build]"], check=True)  # noqa: S603 - our own call
        frozen = subprocess.run(  # noqa: S603 - our own call
            [*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True
        ).stdout
    pins = [
        line for line in frozen.splitlines() if not line.startswith((OWN, "pip=", "setuptools"))
    ]
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(sorted(pins)) + "\n", encoding="utf-8")
    print(f"{len(pins)} versions pinned", file=sys.stderr)


if __name__ == "__main__":
    main()
