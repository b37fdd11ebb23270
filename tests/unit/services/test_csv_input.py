"""SKUs from a CSV file; what is wrong is named with its line."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest

from solegate.errors import InvalidInputError
from solegate.services.csv_input import count_skus, read_skus


@pytest.fixture
def write(tmp_path: Path):
    def to(content: str | bytes) -> Path:
        path = tmp_path / "skus.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


@pytest.mark.parametrize(
    "content",
    [
        "sku\nDD1391-100\nHQ4276\n",
        "sku\r\nDD1391-100\r\nHQ4276",
        "\ufeffsku\nDD1391-100\nHQ4276\n",
        "title,SKU,price\nDunk,DD1391-100,9\nBoost,HQ4276,8\n",
        'title;styleId;price\n"a;b";DD1391-100;9\n;HQ4276;\n',
        '"shelf, row",sku\nA1,DD1391-100\n"B, 2",HQ4276\n',
        '"a;b";" SKU "\nA1;DD1391-100\nB2;HQ4276\n',
        "style_id\n\n  DD1391-100  \n\nHQ4276\n",
        '"sku","note"\n"DD1391-100","two\nlines"\n"HQ4276",""\n,\n',
    ],
)
def test_the_skus_are_read_in_order(write, content: str) -> None:
    assert list(read_skus(write(content))) == ["DD1391-100", "HQ4276"]
    assert count_skus(write(content)) == 2


def test_duplicates_are_kept_for_the_service_to_report(write) -> None:
    assert list(read_skus(write("sku\nA1\nA1\n"))) == ["A1", "A1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"skus\.csv is empty"),
        ("\n\n", "is empty"),
        ("sku\n", "no SKU below"),
        ("sku\n\n ,\n", "no SKU below"),
        ("name,price\nDunk,9\n", r"line 1: no column `sku`"),
        ("DD1391-100\nHQ4276\n", "line 1: no column"),
        ("a,b\rsku\nA1\n", "line 1: no column"),
        ("sku,price\nA1,9\n,8\n", r"line 3: no SKU"),
        ("price,sku\n1,A1\n2\n", r"line 3: no SKU"),
        ("sku\nA1\n" + "x" * 201 + "\n", r"line 3: The SKU has 201 characters; 200"),
        ("sku\nA\x07\n", "line 2: The SKU has characters that cannot be printed"),
        ("sku\nA1\n/ -\n", "line 3: '/ -' is no SKU"),
        ('sku\nA1\n"B2\n', "line 3"),
        ("sku\n" + "x" * 200_000 + "\n", "line 2"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not a UTF-8 text file.*CSV UTF-8"),
        (b"\0\1\2\3", "is a binary file"),
        ("sku\nA1\n".encode("utf-16"), "not a UTF-8 text file"),
        (b"sku\nA1\nSchn\xfcrer\n", "not a UTF-8 text file"),
    ],
)
def test_what_is_wrong_is_named(write, content: str | bytes, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        count_skus(write(content))


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"missing\.csv cannot be read: No such file"):
        count_skus(tmp_path / "missing.csv")
    with pytest.raises(InvalidInputError, match="is no regular file"):
        count_skus(tmp_path)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InvalidInputError, match="is no regular file"):
        count_skus(tmp_path / "pipe.csv")


def test_rows_are_streamed(write) -> None:
    path = write("sku\n" + "A1\n" * 100_000 + ",,\n" + "x" * 999 + "\n")

    assert list(islice(read_skus(path), 3)) == ["A1", "A1", "A1"]
