"""The local database: the only folder that knows SQLAlchemy."""
