"""The guide's endpoint test (section 3): the search route over HTTP."""

from __future__ import annotations

from pathlib import Path

from support.api import running_api


async def test_search_stockx_endpoint(tmp_path: Path):
    """Test /api/v1/products/search-stockx endpoint"""
    async with running_api(tmp_path) as api:
        response = await api.client.get(
            "/api/v1/products/search-stockx",
            params={"query": "HQ4276", "pageSize": 1},
        )

        assert response.status_code == 200
        data = response.json()
        assert "products" in data
        assert len(data["products"]) > 0
