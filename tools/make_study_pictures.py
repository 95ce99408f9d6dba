"""Draw the pictures of docs/studies/multiple-imputation.md from what its commands wrote.

    python tools/make_study_pictures.py missingness/missingness.html inorganics/missingness.html \
        size/size.html

Writes docs/images/imputation-missingness.png, -inorganics.png and -size.png. Needs a Chromium or
Chrome on the path, or its name in the variable CHROME.
"""

from __future__ import annotations

import sys
from pathlib import Path

from make_demo_picture import draw_page

IMAGES = Path(__file__).parent.parent / "docs" / "images"
#: Names, widths and heights of the pictures, in the order of the pages given.
PICTURES = (
    ("imputation-missingness.png", 1300, 1110),
    ("imputation-inorganics.png", 1300, 1110),
    ("imputation-size.png", 1060, 1110),
)
MOST_BYTES = 200_000
#: Buttons are of no use in a still picture.
STYLE = "<style>.updatemenu-container { display: none; }</style></head>"


def main() -> None:
    """Draw the pages given and check the sizes of the pictures."""
    pages = [Path(name) for name in sys.argv[1:]]
    if len(pages) != len(PICTURES) or not all(page.is_file() for page in pages):
        raise SystemExit((__doc__ or "").strip())
    for page, (name, width, height) in zip(pages, PICTURES, strict=True):
        still = page.read_text(encoding="utf-8").replace("</head>", STYLE, 1)
        draw_page(still, IMAGES / name, width, height, MOST_BYTES)


if __name__ == "__main__":
    main()
