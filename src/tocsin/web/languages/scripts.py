"""What the scripts of the pages say: every text that is given to `say` in them."""

import re
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).parents[1] / "static" / "js"
_SAID = re.compile(r'\bsay\(\s*"((?:[^"\\]|\\.)*)"')


@cache
def script_texts() -> tuple[str, ...]:
    """Return the texts, in the order of files."""
    found = (text for file in sorted(SCRIPTS.glob("*.js")) for text in _SAID.findall(file.read_text("utf-8")))
    return tuple(dict.fromkeys(found))
