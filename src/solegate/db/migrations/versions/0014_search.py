"""What searches look at. The products that are there are put on the backlog, which searches work off."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_ABOUT = ("brand", "gender", "color", "product_type", "released", "retail")
_MARKET = ("ask", "bid", "spread", "spread_share", "seen_at")
_ANY_SIZE = sa.text("size = ''")

_FTS = (
    """
    CREATE VIRTUAL TABLE search_text USING fts5(
        words, content='search_products', content_rowid='id', detail='none', columnsize=0, prefix='2 3 4',
        tokenize="ascii tokenchars '='"
    )
    """,
    """
    CREATE TRIGGER search_text_added AFTER INSERT ON search_products BEGIN
        INSERT INTO search_text(rowid, words) VALUES (new.id, new.words);
    END
    """,
    """
    CREATE TRIGGER search_text_changed AFTER UPDATE OF words ON search_products WHEN old.words <> new.words BEGIN
        INSERT INTO search_text(search_text, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO search_text(rowid, words) VALUES (new.id, new.words);
    END
    """,
    """
    CREATE TRIGGER search_text_removed AFTER DELETE ON search_products BEGIN
        INSERT INTO search_text(search_text, rowid, words) VALUES ('delete', old.id, old.words);
    END
    """,
)
"""FTS5 over the words as they are: its tokenizer splits at spaces, as every word is of letters, digits and `=`."""

_GIN = """
    CREATE INDEX ix_search_products_words ON search_products
    USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (fastupdate = off)
"""


def upgrade() -> None:
    _create_products()
    _create_offers()
    op.create_table("search_backlog", _parent("products.id", "search_backlog"))
    op.execute("INSERT INTO search_backlog (product_id) SELECT id FROM products")
    for statement in _FTS if op.get_bind().dialect.name == "sqlite" else (_GIN,):
        op.execute(statement)


def downgrade() -> None:
    for name in ("search_backlog", "search_offers", "search_sizes"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("added", "changed", "removed"):
            op.execute(f"DROP TRIGGER search_text_{trigger}")
        op.execute("DROP TABLE search_text")
    op.drop_table("search_products")


def _create_products() -> None:
    op.create_table(
        "search_products",
        sa.Column(
            "id",
            sa.Integer,
            sa.ForeignKey("products.id", name="fk_search_products_id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("words", sa.String, nullable=False),
        *_about(),
    )
    for by in ("title", "released", "retail"):
        op.create_index(f"ix_search_products_{by}", "search_products", [by, "id", *_others(by, _ABOUT)])
    for by in ("brand", "color"):
        op.create_index(f"ix_search_products_{by}", "search_products", [by, *_others(by, _ABOUT)])


def _create_offers() -> None:
    op.create_table(
        "search_sizes",
        _parent("search_products.id", "search_sizes"),
        sa.Column("size", _KEY, primary_key=True),
        sa.Column("own", sa.Boolean, nullable=False),
    )
    op.create_index("ix_search_sizes_size", "search_sizes", ["size"])
    op.create_table(
        "search_offers",
        _parent("search_products.id", "search_offers"),
        sa.Column("currency", sa.String, primary_key=True),
        sa.Column("size", _KEY, primary_key=True),
        sa.Column("ask", sa.BigInteger),
        sa.Column("bid", sa.BigInteger),
        sa.Column("spread", sa.BigInteger),
        sa.Column("spread_share", sa.BigInteger),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        *_about(),
    )
    for by in (*_MARKET, "title", "released", "retail", "brand", "color"):
        ids = () if by in {"brand", "color"} else ("product_id",)
        op.create_index(
            f"ix_search_offers_{by}",
            "search_offers",
            ["currency", by, *ids, *_others(by, _ABOUT + _MARKET)],
            sqlite_where=_ANY_SIZE,
            postgresql_where=_ANY_SIZE,
        )
    op.create_index("ix_search_offers_size", "search_offers", ["currency", "size", "ask", "product_id"])


def _about() -> tuple[sa.Column[Any], ...]:
    """What a product is filtered and sorted by."""
    keys = (sa.Column(name, _KEY) for name in ("title", "brand", "product_type", "gender", "color"))
    days = (sa.Column(name, sa.Integer) for name in ("released", "release_year"))
    return (*keys, *days, sa.Column("retail", sa.BigInteger))


def _others(first: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name != first)


def _parent(target: str, table: str) -> sa.Column[int]:
    return sa.Column(
        "product_id",
        sa.Integer,
        sa.ForeignKey(target, name=f"fk_{table}_product_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
