"""The JSON HTTP API under `/api/v1`, its health checks and its documentation."""
