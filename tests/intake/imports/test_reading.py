"""Files as they come: packed or not, in any encoding, cut off, with quotes that do not match."""

import gzip
from pathlib import Path

import pytest

from tests.intake.imports.logs import WriteLog, findings
from tocsin.intake.imports import reading
from tocsin.intake.imports.problems import Problems
from tocsin.kernel.errors import InvalidInput


def read(path: Path, **options: str) -> tuple[list[tuple[int, list[str]]], Problems]:
    problems = Problems()
    return [(row.line, row.cells) for row in reading.rows(path, problems, **options)], problems  # type: ignore[arg-type]


@pytest.mark.parametrize("packed", [False, True])
def test_plain_and_gzip_read_the_same(write_log: WriteLog, packed: bool) -> None:
    found, problems = read(write_log("a,b", "1,2", "3,4", packed=packed))
    assert found == [(1, ["a", "b"]), (2, ["1", "2"]), (3, ["3", "4"])]
    assert problems.found == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_in_the_header(write_log: WriteLog, delimiter: str) -> None:
    found, _ = read(write_log(delimiter.join("abc"), delimiter.join("123")))
    assert found[1] == (2, ["1", "2", "3"])


def test_given_delimiter_wins(write_log: WriteLog) -> None:
    found, _ = read(write_log("a,b;c", "1,2;3"), delimiter=";")
    assert found[1] == (2, ["1,2", "3"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_with_their_marks(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    path = tmp_path / "log.csv"
    path.write_bytes(f"{mark}name\nBjörn\n".encode(encoding))
    found, problems = read(path)
    assert found == [(1, ["name"]), (2, ["Björn"])]
    assert findings(problems) == ([(1, "encoding", False)] if encoding.startswith("utf-16") else [])


def test_line_that_is_not_utf8_is_read_as_latin1_and_reported(write_log: WriteLog) -> None:
    found, problems = read(write_log("name", "Zoë", "Björn", encoding="latin-1"))
    assert found == [(1, ["name"]), (2, ["Zoë"]), (3, ["Björn"])]
    assert findings(problems) == [(2, "encoding", False), (3, "encoding", False)]
    assert "0xEB at 3" in problems.in_order[0].reason


def test_windows_line_ends_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\r\n1,2\r\n\r\n3,4")
    found, problems = read(path)
    assert found == [(1, ["a", "b"]), (2, ["1", "2"]), (4, ["3", "4"])]
    assert problems.found == []


def test_quoted_values_may_hold_delimiters_quotes_and_line_breaks(write_log: WriteLog) -> None:
    found, problems = read(write_log("a,b", '"x, ""y""",2', '"first', 'second",3', "4,5"))
    assert found[1:] == [(2, ['x, "y"', "2"]), (3, ["first\nsecond", "3"]), (5, ["4", "5"])]
    assert problems.found == []


def test_quote_that_is_never_closed_costs_one_row(write_log: WriteLog) -> None:
    found, problems = read(write_log("a,b", '"open,2', "3,4", "5,6"))
    assert found[1:] == [(3, ["3", "4"]), (4, ["5", "6"])]
    assert findings(problems) == [(2, "quotes", True)]


def test_quote_inside_a_value_is_a_character(write_log: WriteLog) -> None:
    found, problems = read(write_log("a,b", '5" pipe,2', "3,4"))
    assert found[1:] == [(2, ['5" pipe', "2"]), (3, ["3", "4"])]
    assert problems.found == []


def test_truncated_gzip_gives_what_is_there_and_the_line(write_log: WriteLog) -> None:
    lines = [f"{number},{number * 7919 % 10007}" for number in range(20_000)]
    path = write_log("a,b", *lines, packed=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found, problems = read(path)
    last, cells = found[-1]
    assert 1_000 < last < 20_000
    assert cells == lines[last - 2].split(",")
    assert {kind for _, kind, _ in findings(problems)} == {"truncated"}
    assert {line for line, _, _ in findings(problems)} == {last + 1}


def test_gzip_cut_between_rows_is_reported_too(write_log: WriteLog) -> None:
    path = write_log("a,b", "1,2", packed=True)
    path.write_bytes(path.read_bytes()[:-8])  # all of the data is there, checksum and length are not
    found, problems = read(path)
    assert found[1] == (2, ["1", "2"])
    assert findings(problems) == [(3, "truncated", True)]


def test_damaged_gzip_is_reported_and_does_not_raise(write_log: WriteLog) -> None:
    path = write_log("a,b", *(f"{n},{n * 7919 % 10007}" for n in range(20_000)), packed=True)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    path.write_bytes(data)
    found, problems = read(path)
    assert found[0] == (1, ["a", "b"])
    assert "corrupt" in {kind for _, kind, _ in findings(problems)}


def test_gzip_of_several_members_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n") + bytes(512))
    found, problems = read(path)
    assert [cells for _, cells in found] == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert problems.found == []


@pytest.mark.parametrize("after", [["3,4"], []])
def test_endless_line_is_reported_and_not_kept_in_memory(write_log: WriteLog, after: list[str]) -> None:
    found, problems = read(write_log("a,b", "1,2", "x" * (3 * reading.LONGEST_ROW), *after, packed=True))
    assert [cells for _, cells in found[1:]] == [["1", "2"], *(line.split(",") for line in after)]
    assert findings(problems) == [(3, "too_long", True)]


def test_progress_ends_at_the_size_of_the_file(write_log: WriteLog) -> None:
    path = write_log("a,b", "1,2", packed=True)
    told: list[int] = []
    list(reading.rows(path, Problems(), progress=told.append))
    assert told[-1] == reading.size_of(path)


def test_empty_file_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    assert read(path)[0] == []


def test_absent_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no\.csv: No such file"):
        read(tmp_path / "no.csv")
