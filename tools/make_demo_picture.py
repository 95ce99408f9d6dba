"""Turn the picture of ``hokan demo`` into docs/images/demo.png for the README.

    hokan demo --output demo
    python tools/make_demo_picture.py demo/filled.html

Needs a Chromium or Chrome on the path, or its name in the variable CHROME.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = Path(__file__).parent.parent / "docs" / "images" / "demo.png"
WIDTH, HEIGHT = 1240, 1090
MOST_BYTES = 300_000


def find_browser() -> str:
    """Return the first browser found that can draw without a screen."""
    wanted = (os.environ.get("CHROME"), "chromium", "chromium-browser", "google-chrome")
    for name in filter(None, wanted):
        found = shutil.which(name)
        if found:
            return found
    raise SystemExit("no Chromium or Chrome found; give its path in the variable CHROME")


def draw_page(page: str, target: Path, width: int, height: int, most_bytes: int) -> None:
    """Draw an HTML page to a PNG file, without its tool bar, and check the size of the file.

    The tool bar is of no use in a still picture.
    """
    page = page.replace("</head>", "<style>.modebar-container { display: none; }</style></head>", 1)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        still = Path(profile) / "still.html"
        still.write_text(page, encoding="utf-8")
        subprocess.run(
            [
                find_browser(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--disable-background-networking",
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                "--virtual-time-budget=10000",
                f"--screenshot={target}",
                still.as_uri(),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )
    size = target.stat().st_size
    print(f"{target}: {size / 1000:.0f} kB")
    if size > most_bytes:
        raise SystemExit(f"more than {most_bytes / 1000:.0f} kB; make it smaller")


def main() -> None:
    """Draw the page given and check the size of the picture."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        raise SystemExit("usage: python tools/make_demo_picture.py demo/filled.html")
    page = Path(sys.argv[1]).read_text(encoding="utf-8")
    draw_page(page, TARGET, WIDTH, HEIGHT, MOST_BYTES)


if __name__ == "__main__":
    main()
