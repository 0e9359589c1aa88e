"""Open our pages in the browser of an old office PC: Chromium 69, as PyQtWebEngine 5.12 has it.

Not a test module, and not run by pytest: its Python packages fit no environment of ours. Make one
for them, and name its Python in ``OLD_BROWSER_PYTHON``::

    python3 -m venv OLD && OLD/bin/pip install PyQtWebEngine==5.12.1 PyQt5==5.12.3
    OLD_BROWSER_PYTHON=OLD/bin/python python tests/old_browser.py outputs/demo/*/*/map.html

On Debian the browser wants libgl1, libnss3, libxcomposite1, libxtst6, libasound2 and their like. A
picture ``NAME.old.png`` is left in the working folder for each page, every console message is
printed, and the exit status is 1 if a page wrote an error, asked for anything or did not start.
Where the packages are not to be had it says so and leaves with 0.
"""

# It speaks to a terminal, and only one of its two Pythons has Qt:
# ruff: noqa: T201, PLC0415

import os
import subprocess
import sys
from pathlib import Path

WAIT_MS = 4000
SIZE = (1400, 900)
INSIDE = ("file", "data", "blob", "qrc", "about")
SAFE = {
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --disable-gpu --disable-background-networking",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
}


def main(pages):
    python = os.environ.get("OLD_BROWSER_PYTHON", sys.executable)
    probe = [python, "-c", "import PyQt5.QtWebEngineWidgets"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        print(f"no PyQtWebEngine in {python}: name one that has it in OLD_BROWSER_PYTHON")
        return 0
    environment = {**os.environ, **SAFE}
    looks = [[python, __file__, "--look", str(Path(page).resolve())] for page in pages]
    return max(subprocess.run(look, env=environment, check=False).returncode for look in looks)


def look(page):
    """Open one page inside the old browser's own Python."""
    from PyQt5.QtCore import QTimer, QUrl
    from PyQt5.QtWebEngineCore import QWebEngineUrlRequestInterceptor
    from PyQt5.QtWebEngineWidgets import QWebEnginePage, QWebEngineProfile, QWebEngineView
    from PyQt5.QtWidgets import QApplication

    faults, requests = [], []

    class Watching(QWebEngineUrlRequestInterceptor):
        def interceptRequest(self, info):  # noqa: N802 - Qt's name
            if info.requestUrl().scheme() not in INSIDE:
                requests.append(info.requestUrl().toString())

    class Listening(QWebEnginePage):
        def javaScriptConsoleMessage(self, level, message, line, source):  # noqa: N802 - Qt's name
            print(f"{Path(source).name}:{line}: {message}")
            if level == QWebEnginePage.ErrorMessageLevel:
                faults.append(message)

        def javaScriptAlert(self, _, said):  # noqa: N802 - Qt's name
            faults.append(f"a script got in: {said}")

    app = QApplication(["old"])
    view = QWebEngineView()
    watching, profile = Watching(), QWebEngineProfile(view)
    profile.setRequestInterceptor(watching)
    view.setPage(Listening(profile, view))
    view.resize(*SIZE)
    view.show()

    def finish(state):
        told = f"console errors: {len(faults)}; requests: {len(requests)}"
        print(f"{Path(page).name}: {state}; {told}", *requests)
        picture = f"{Path(page).stem}.old.png"
        view.grab().save(picture)
        sys.stdout.flush()
        # Qt of that age falls over its own pages when it goes down in order.
        os._exit(1 if faults or requests or "could not start" in state else 0)

    asked = """(/Chrom\\w+\\/\\d+/.exec(navigator.userAgent) || ['?'])[0] + ', '
        + (!document.querySelector('.map') || / started/.test(document.documentElement.className)
           ? 'started' : 'could not start')"""
    QTimer.singleShot(WAIT_MS, lambda: view.page().runJavaScript(asked, finish))
    view.load(QUrl.fromLocalFile(page))
    app.exec_()
    return 1  # closed before it was looked at


if __name__ == "__main__":
    if sys.argv[1:2] == ["--look"]:
        sys.exit(look(sys.argv[2]))
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
