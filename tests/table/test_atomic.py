"""A file is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hokan.errors import OutputError
from hokan.table import check_writable, write_bytes_atomically, write_text_atomically


def test_the_content_arrives_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "result.bin"
    write_bytes_atomically(path, b"first")
    write_bytes_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_written_as_utf8(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "t.html", "µ Å\n")
    assert (tmp_path / "t.html").read_bytes() == "µ Å\n".encode()


def test_checking_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "result.csv"
    check_writable(path)
    assert list(tmp_path.iterdir()) == []
    path.write_text("old")
    check_writable(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [check_writable, lambda path: write_bytes_atomically(path, b"x")])
def test_an_impossible_path_is_refused_by_name(tmp_path: Path, write) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("")
    cases = {
        tmp_path / "absent" / "x.csv": "no folder",
        tmp_path / "folder.csv": "is a folder",
        tmp_path / "file" / "x.csv": "no folder",
        tmp_path / "x.xlsx": r"spreadsheet.*\.csv",
        tmp_path / ("x" * 300 + ".csv"): "",
        Path("/dev/null"): "not a regular file",
    }
    for path, message in cases.items():
        with pytest.raises(OutputError, match=f"(?s){path.name[:20]}.*{message}"):
            write(path)
    with pytest.raises(OutputError, match="empty"):
        write("")
    with pytest.raises(OutputError, match="not a usable file name"):
        write("a\0b.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]


def test_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputError, match=r"x\.csv: the folder cannot be written to: Permission"):
        check_writable(tmp_path / "x.csv")


def test_a_write_protected_file_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")
    # Said by the system rather than set with chmod, which does not bind an administrator.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="write-protected"):
        write_bytes_atomically(path, b"new")
    assert path.read_text() == "old"


@pytest.mark.parametrize("failing", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, error: BaseException
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, failing, fail)
    expected = OutputError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_bytes_atomically(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_bytes_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_bytes_atomically(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode
