"""The archive: the same content gives the same bytes, and a hostile zip writes nothing."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from tgv_suite.evidence import archive
from tgv_suite.evidence.archive import (
    DamagedBundle,
    UnreadableBundle,
    opened_bundle,
    same_archive,
    write_archive,
)
from tgv_suite.evidence.manifest import NotPlain
from tgv_suite.exit_code import ExitCode

FILES = {
    "results.json": b"{}",
    ".hidden": b"seen too",
    "observations/AZN-03/01-réponse.txt": b"HTTP/1.1 403\r\n",
    "empty.txt": b"",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "bundle")


def make_folder(folder: Path) -> Path:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def zipped(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as written:
        for entry, content in entries:
            written.writestr(entry, content)
    return path


def refusal(path: Path) -> DamagedBundle:
    with pytest.raises(DamagedBundle) as caught, opened_bundle(path):
        pass
    assert caught.value.exit_code is ExitCode.VERIFICATION_FAILED
    assert caught.value.place == str(path)
    return caught.value


def test_two_archives_of_the_same_content_are_the_same_bytes(tmp_path: Path) -> None:
    first, second = make_folder(tmp_path / "one"), make_folder(tmp_path / "two")
    for path in second.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)

    write_archive(first, tmp_path / "one.zip")
    write_archive(second, tmp_path / "two.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_an_archive_does_not_depend_on_the_machines_zlib(folder: Path, tmp_path: Path) -> None:
    write_archive(folder, tmp_path / "b.zip")

    with zipfile.ZipFile(tmp_path / "b.zip") as written:
        entries = written.infolist()
    assert [entry.filename for entry in entries] == sorted(FILES)
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_what_is_archived_is_what_comes_out(folder: Path, tmp_path: Path) -> None:
    write_archive(folder, tmp_path / "b.zip")

    with opened_bundle(tmp_path / "b.zip") as extracted:
        assert contents(extracted) == FILES
        assert same_archive(extracted, tmp_path / "b.zip")
    assert not extracted.exists()


def test_a_folder_is_given_as_it_is(folder: Path) -> None:
    with opened_bundle(folder) as opened:
        assert opened == folder
    assert contents(folder) == FILES


def test_a_failed_archive_leaves_the_previous_one_and_nothing_else(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "bundle")
    previous = tmp_path / "b.zip"
    write_archive(folder, previous)
    kept = previous.read_bytes()
    (folder / "link").symlink_to("results.json")

    with pytest.raises(NotPlain):
        write_archive(folder, previous)

    assert previous.read_bytes() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "bundle"]


def test_an_archive_that_cannot_take_its_place_leaves_no_half_of_itself(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "bundle")
    (tmp_path / "b.zip").mkdir()

    with pytest.raises(OSError, match=r"b\.zip"):
        write_archive(folder, tmp_path / "b.zip")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "bundle"]


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "a/../../x", "a\\..\\x", "C:x", "./x", "a//x", "a/", "a\x1b[2Jx", "x" * 300],
)
def test_a_name_that_leaves_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    place = tmp_path / "inner"
    place.mkdir()

    error = refusal(zipped(place / "b.zip", ("good.txt", b"good"), (name, b"evil")))

    assert "sort du dossier" in error.message.fr
    assert "leaves the folder" in error.message.en
    assert error.message.en.isprintable()
    assert [path.name for path in tmp_path.rglob("*")] == ["inner", "b.zip"]


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    error = refusal(zipped(tmp_path / "b.zip", (link, b"/etc/passwd")))

    assert "lien symbolique" in error.message.fr
    assert "symbolic link" in error.message.en


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "pair", [("a", "a"), ("a", "A"), ("\u00e9", "e\u0301"), ("a", "a/b"), ("ß", "SS")]
)
def test_two_entries_that_a_system_could_confuse_are_refused(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    error = refusal(zipped(tmp_path / "b.zip", (pair[0], b"shown"), (pair[1], b"kept")))

    assert "there twice" in error.message.en


def test_an_encrypted_archive_is_told_as_such_in_both_languages(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "b.zip"
    write_archive(folder, path)
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 0x1
    path.write_bytes(content)

    error = refusal(path)

    assert "chiffré" in error.message.fr
    assert "encrypted" in error.message.en


def test_a_compression_bomb_is_refused_before_it_is_inflated(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", bytes(50_000_000))

    assert "compressed" in refusal(path).message.en


def test_entries_that_serve_the_same_bytes_many_times_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", *((f"{number}", bytes(5000)) for number in range(10)))
    content = bytearray(path.read_bytes())
    first = content[: content.index(b"PK\x03\x04", 4)]
    directory = content[content.index(b"PK\x01\x02") : content.index(b"PK\x05\x06")]
    for start in range(0, len(directory), 47):
        directory[start + 42 : start + 46] = struct.pack("<I", 0)
    end = content[content.index(b"PK\x05\x06") :]
    end[16:20] = struct.pack("<I", len(first))
    path.write_bytes(first + directory + end)

    assert "more than a run leaves" in refusal(path).message.en


def test_an_entry_that_lies_about_its_size_is_refused(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    write_archive(folder, path)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 7)
    path.write_bytes(content)

    assert "lies about its size" in refusal(path).message.en


def test_too_many_entries_are_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(folder, tmp_path / "b.zip")
    monkeypatch.setattr(archive, "_MOST", len(FILES) - 1)

    assert "more than a run leaves" in refusal(tmp_path / "b.zip").message.en


def test_an_archive_larger_than_the_cap_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(folder, tmp_path / "b.zip")
    monkeypatch.setattr(archive, "_LARGEST", 10)

    assert "more than a run leaves" in refusal(tmp_path / "b.zip").message.en


def test_a_truncated_archive_is_damaged_wherever_it_is_cut(folder: Path, tmp_path: Path) -> None:
    write_archive(folder, tmp_path / "b.zip")
    content = (tmp_path / "b.zip").read_bytes()

    for length in range(len(content)):
        (tmp_path / "b.zip").write_bytes(content[:length])
        refusal(tmp_path / "b.zip")


def test_a_damaged_entry_is_named(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    write_archive(folder, path)
    path.write_bytes(path.read_bytes().replace(b"seen too", b"seen two"))

    assert ".hidden" in refusal(path).message.fr


@pytest.mark.parametrize("where", ["before", "after"])
def test_data_around_an_archive_makes_it_another_one(
    where: str, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "b.zip"
    write_archive(folder, path)
    content = path.read_bytes()
    path.write_bytes(b"junk" + content if where == "before" else content + b"junk")

    with opened_bundle(path) as extracted:
        assert contents(extracted) == FILES
        assert not same_archive(extracted, path)


def test_what_does_not_exist_is_told_as_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UnreadableBundle) as caught, opened_bundle(tmp_path / "absent.zip"):
        pass

    assert caught.value.exit_code is ExitCode.BAD_USAGE
    assert "n'existe pas" in caught.value.message.fr


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "b.zip")

    with pytest.raises(UnreadableBundle), opened_bundle(tmp_path / "b.zip"):
        pass
