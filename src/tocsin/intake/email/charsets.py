"""Bytes to text whatever a mail says about itself. Pure; never raises."""

import codecs
import re
from functools import lru_cache

# What mail really uses. Others that Python knows are no character sets of mail (rot13, unicode_escape) or slow on
# purpose-made input (punycode, idna): a mail may name anything.
_KNOWN = frozenset({
    "ascii", "utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-8-sig", "iso8859-1", "iso8859-2",
    "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "iso8859-10",
    "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1252", "cp1253",
    "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp437", "cp850", "cp852", "cp866", "cp874", "cp932",
    "cp936", "cp949", "cp950", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "mac-latin2", "shift_jis",
    "shift_jis_2004", "shift_jisx0213", "euc_jp", "euc_jis_2004", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2",
    "iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr", "euc_kr", "johab", "gb2312", "gbk", "gb18030", "hz", "big5",
    "big5hkscs", "tis-620", "viscii",
})  # fmt: skip
# Names that programs give to something else than what they send.
_MEANT = {
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "iso-8859-8-i": "iso8859-8", "x-sjis": "cp932",
    "x-gbk": "gbk", "gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8", "shift_jis": "cp932", "shift-jis": "cp932",
    "sjis": "cp932", "unicode-1-1-utf-8": "utf-8", "utf8": "utf-8", "utf8mb4": "utf-8", "cp-850": "cp850",
    "windows-874": "cp874", "x-mac-roman": "mac-roman", "macintosh": "mac-roman", "unknown-8bit": "utf-8",
    "x-unknown": "utf-8", "default": "utf-8", "iso-2022-jp": "iso2022_jp_ext", "ansi": "cp1252",
    "ansi_x3.110-1983": "cp1252", "x-user-defined": "cp1252",
}  # fmt: skip
# Control characters other than tab and line break: no text holds them, and NUL cannot be stored.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, *range(0x80, 0xA0), 0xFEFF], "")
# Characters that turn the reading direction of what follows: used to make "exe.pdf" out of "fdp.exe".
_TURNING = dict.fromkeys([0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069], "")


def decode(data: bytes, charset: str = "") -> str:
    """Return `data` as text: by `charset` if that is a known one and fits, else as UTF-8, else as Windows-1252."""
    name = known(charset)
    for attempt in dict.fromkeys([name, "utf-8"]):
        if attempt:
            try:
                return data.decode(attempt)
            except (UnicodeError, LookupError, ValueError):
                continue
    if name and name != "utf-8":
        try:
            return data.decode(name, "replace")
        except (UnicodeError, LookupError, ValueError):
            pass  # a codec that gives up in spite of "replace": the last resort is left
    return data.decode("cp1252", "replace")


@lru_cache(maxsize=256)
def known(charset: str) -> str:
    """Return the codec for a mail's charset, or "" if it is none that mail uses."""
    name = re.sub(r"[^\w.\-+:]", "", charset[:60].lower())
    name = _MEANT.get(name, name)
    try:
        found = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return ""
    return found if found in _KNOWN else ""


def clean(text: str) -> str:
    """Return `text` without control characters (line breaks and tabs stay) and without lone surrogates."""
    return text.translate(_CONTROLS).encode("utf-8", "replace").decode("utf-8")


def one_line(text: str, limit: int) -> str:
    """Return `text` on one line: every run of blanks, line breaks and control characters is one blank."""
    spaced = "".join(c if c.isprintable() else " " for c in text[: 4 * limit].translate(_TURNING))
    return " ".join(spaced.split())[:limit].encode("utf-8", "replace").decode("utf-8").strip()
