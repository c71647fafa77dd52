"""Which files may come in, judged by their name, size and first bytes. Pure."""

import re
from codecs import getincrementaldecoder
from collections.abc import Sequence
from dataclasses import dataclass, field

# Shown in pages; everything else can only be downloaded. SVG is a program, not a picture.
RASTER = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

# What runs when it is opened, on one system or another.
BLOCKED_ENDINGS = frozenset(
    [
        "exe",
        "com",
        "scr",
        "pif",
        "bat",
        "cmd",
        "msi",
        "msp",
        "mst",
        "cpl",
        "dll",
        "sys",
        "drv",
        "ocx",
        "gadget",
        "application",
        "appref-ms",
        "msix",
        "appx",
        "jar",
        "js",
        "jse",
        "vb",
        "vbs",
        "vbe",
        "ws",
        "wsf",
        "wsc",
        "wsh",
        "hta",
        "ps1",
        "ps1xml",
        "ps2",
        "psc1",
        "psm1",
        "psd1",
        "msh",
        "msh1",
        "msc",
        "sct",
        "shb",
        "shs",
        "lnk",
        "inf",
        "reg",
        "scf",
        "url",
        "website",
        "library-ms",
        "search-ms",
        "settingcontent-ms",
        "xll",
        "wll",
        "chm",
        "hlp",
        "crx",
        "xpi",
        "app",
        "command",
        "dmg",
        "pkg",
        "deb",
        "rpm",
        "apk",
        "ipa",
        "iso",
        "img",
        "vhd",
        "vhdx",
    ]
)
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"), (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"), (b"PK\x05\x06", "application/zip"), (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"), (b"\x1f\x8b", "application/gzip"), (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"), (b"ID3", "audio/mpeg"), (b"OggS", "application/ogg"), (b"fLaC", "audio/flac"),
    (b"\x7fELF", "application/x-executable"), (b"\xca\xfe\xba\xbe", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-executable"), (b"\xfe\xed\xfa\xce", "application/x-executable"),
    (b"#!", "text/x-script"),
)  # fmt: skip
EXECUTABLE = "application/x-executable"
_MARKUP = re.compile(
    rb"^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(!doctype html|html|head|body|script|svg|iframe)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way in."""

    name: str
    content: bytes = field(repr=False)
    declared: str = ""  # the content type its sender claims
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is taken in with one message."""

    largest: int  # bytes of one file
    most: int  # files
    total: int  # bytes of all files
    blocked: frozenset[str] = BLOCKED_ENDINGS  # endings of names, lower case, without dot


@dataclass(frozen=True, slots=True)
class Judged:
    """A file's real kind, and why it is not kept ("": it is)."""

    kind: str
    refused: str = ""


def sniff(content: bytes) -> str:  # noqa: PLR0911 - one way out per kind
    """Return the content type by the first bytes; application/octet-stream if they say nothing."""
    head = content[:1024]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"MZ":
        return EXECUTABLE
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    markup = _MARKUP.match(head)
    if markup:
        return "image/svg+xml" if markup.group(1).lower() == b"svg" else "text/html"
    if head and b"\x00" not in head:
        try:
            # The last character may be cut off.
            getincrementaldecoder("utf-8")().decode(head, final=len(content) <= len(head))
        except UnicodeDecodeError:
            return "application/octet-stream"
        return "text/plain"
    return "application/octet-stream"


def judge(files: Sequence[Upload], limits: Limits) -> list[Judged]:
    """Return a verdict on each file, in order. Archives are never unpacked: their ending is all that is looked at."""
    judged: list[Judged] = []
    kept = total = 0
    for file in files:
        kind = sniff(file.content)
        refused = _refusal(file, kind, limits)
        if not refused and kept >= limits.most:
            refused = f"more than {limits.most} files in one message"
        if not refused and total + len(file.content) > limits.total:
            refused = f"more than {megabytes(limits.total)} in one message"
        if not refused:
            kept += 1
            total += len(file.content)
        judged.append(Judged(kind, refused))
    return judged


def _refusal(file: Upload, kind: str, limits: Limits) -> str:
    if len(file.content) > limits.largest:
        return f"larger than {megabytes(limits.largest)}"
    # Every ending counts: "invoice.pdf.exe " and "invoice.exe." run too.
    endings = [part.strip().lower() for part in file.name.rstrip(". ").split(".")[1:]]
    if endings and endings[-1] in limits.blocked:
        return f"files of type .{endings[-1][:20]} are not taken in"
    if kind == EXECUTABLE:
        return "programs are not taken in"
    return ""


def megabytes(size: int) -> str:
    """Return a size in words: "25 MB", "300 KB"."""
    return f"{size / 1_000_000:.0f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} KB"


def safe_name(name: str, position: int) -> str:
    """Return a bare file name of at most 150 characters that no system reads as a path, and that is never empty."""
    last = re.split(r"[/\\]", "".join(c for c in name if c.isprintable()))[-1]
    cleaned = re.sub(r'[<>:"|?*]', "_", last).strip(". ")
    if len(cleaned) > 150:
        stem, dot, ending = cleaned.rpartition(".")
        cleaned = f"{stem[: 149 - len(ending)]}{dot}{ending}" if dot and len(ending) <= 20 else cleaned[:150]
    return cleaned or f"file-{position + 1}"
