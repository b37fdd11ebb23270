"""The shipping document: a PDF of one page, written by hand because it holds nothing but a few lines of text."""

from __future__ import annotations

from collections.abc import Sequence

_FONT = b"<< /Font << /F1 5 0 R >> >>"


def pdf(lines: Sequence[str]) -> bytes:
    """A page of label size with these lines on it; what Latin-1 does not know becomes a question mark."""
    text = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    content = f"BT /F1 12 Tf 16 TL 24 400 Td\n{text}\nET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R /Resources %s >>" % _FONT,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size, start = len(objects) + 1, len(document)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return document + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
