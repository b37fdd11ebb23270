"""The local database: the only folder that knows SQLAlchemy and Alembic."""

from sqlalchemy.ext.asyncio import AsyncSession as Session

from solegate.db.engine import Database
from solegate.db.secrets import SecretBox, load_or_create_key

__all__ = ["Database", "SecretBox", "Session", "load_or_create_key"]
