"""From what was asked for on the command line to a format and its events."""

from pathlib import Path

from tocsin.intake.imports import mapping as mappings
from tocsin.intake.imports.formats import LogFormat
from tocsin.intake.imports.generic import generic
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.reading import rows
from tocsin.intake.imports.servicenow import servicenow
from tocsin.intake.imports.volvo import volvo
from tocsin.kernel.errors import InvalidInput

FORMATS = ("servicenow", "volvo", "csv")
EXAMPLE = Path(__file__).parent / "examples" / "italian-help-desk.yaml"


_TELLING = {"incident_state": "servicenow", "SR Number": "volvo"}  # a column that only this format has


def format_for(file: Path, name: str = "", *, mapping: Path | None = None, zone: str = "") -> LogFormat:
    """Return the format `name`, or without a name the one that the mapping or the file's header tells."""
    return format_of(name or ("csv" if mapping else _told_by_header(file)), mapping=mapping, zone=zone)


def _told_by_header(file: Path) -> str:
    header = next(rows(file, Problems()), None)
    for cell in header.cells if header else ():
        if cell.strip() in _TELLING:
            return _TELLING[cell.strip()]
    message = f"The header of {file.name} does not tell what it is. Say --format {' or '.join(FORMATS)}."
    raise InvalidInput("unknown_format", message, {"format": "It cannot be told from the header."})


def format_of(name: str, *, mapping: Path | None = None, zone: str = "") -> LogFormat:
    """Return the format `name` (one of FORMATS). Raises InvalidInput, also for a mapping that is wrong."""
    if name not in FORMATS:
        raise InvalidInput(
            "unknown_format", f"There is no format {name!r}. Use one of {', '.join(FORMATS)}.", {"format": name}
        )
    if (name == "csv") != (mapping is not None):
        problem = "The format csv needs --mapping FILE." if name == "csv" else f"The format {name} takes no --mapping."
        raise InvalidInput(
            "mapping", f"{problem} `tocsin import example` prints a mapping to begin with.", {"mapping": problem}
        )
    if mapping is not None:
        return generic(mappings.load(_text(mapping), filename=mapping.name), zone)
    return servicenow(zone or "UTC") if name == "servicenow" else volvo(zone or "UTC")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("bad_mapping", f"{path} is not UTF-8. Save it as UTF-8.", {"mapping": "not UTF-8"}) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput("unreadable_file", f"Cannot read {path}: {reason}.", {"mapping": reason}) from error
