"""From the application's settings to the values that its parts are built from."""

from __future__ import annotations

from dataclasses import replace

from solegate.client.assembly import ClientConfig
from solegate.client.policy.freshness import FreshnessPolicy
from solegate.client.policy.oauth import Credentials
from solegate.client.policy.rate import GUIDE, OFFICIAL, ItemLimit, LimitProfile, profile_for_rate
from solegate.client.transport import PoolConfig
from solegate.db.secrets import keys_in, load_or_create_key
from solegate.domain.guard_rails import GuardRails
from solegate.settings import Settings


def client_config(settings: Settings) -> ClientConfig:
    """The client's configuration out of the application's."""
    return ClientConfig(
        credentials=Credentials(
            client_id=settings.stockx_client_id,
            client_secret=settings.stockx_client_secret.get_secret_value(),
            api_key=settings.stockx_api_key.get_secret_value(),
            redirect_uri=settings.stockx_redirect_uri,
        ),
        account=settings.account,
        api_url=settings.stockx_api_url,
        auth_url=settings.stockx_auth_url,
        limits=limit_profile(settings),
        pool=PoolConfig(http2=settings.http2, ca_file=settings.stockx_ca_file),
        market_data_freshness=FreshnessPolicy.of(settings.market_data_ttl),
        catalog_freshness=FreshnessPolicy.of(settings.catalog_ttl),
        cache_entries=settings.cache_entries,
    )


def limit_profile(settings: Settings) -> LimitProfile:
    """The named profile, with the single numbers that are set instead of its own."""
    base = {"official": OFFICIAL, "guide": GUIDE}[settings.limit_profile]
    per_day = settings.requests_per_day or base.per_day
    profile = replace(base, per_day=per_day, reserve=settings.background_reserve)
    if settings.requests_per_second is not None:
        profile = profile_for_rate(settings.requests_per_second, per_day=per_day, reserve=settings.background_reserve)
    return replace(profile, items=item_limit(settings))


def item_limit(settings: Settings) -> ItemLimit:
    """StockX's limit of batch items, with the single numbers that are set instead of its own."""
    own = ItemLimit()
    return ItemLimit(
        capacity=settings.items_per_window or own.capacity,
        period=settings.items_window or own.period,
        per_day=settings.items_per_day or own.per_day,
    )


def guard_rails(settings: Settings) -> GuardRails:
    """The guard rails of the settings."""
    return GuardRails(
        floor=settings.price_floor,
        ceiling=settings.price_ceiling,
        largest_move=settings.largest_price_move,
        daily_writes=settings.daily_writes,
        daily_value=settings.daily_value,
    )


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """What encrypts secrets at rest, newest first; a key file is made where none is set."""
    return keys_in(settings.secret_key.get_secret_value() or load_or_create_key(settings.secret_key_file))
