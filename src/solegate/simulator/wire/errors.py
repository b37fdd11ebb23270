"""Error answers, in the shapes StockX was seen to use (FACTS 1.4): the documented one is not the only one."""

from __future__ import annotations

from http import HTTPStatus

from solegate.simulator.wire.answer import TEXT_TYPE, Answer, html_answer, json_answer

WAF_PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>Access to this page has been denied</title></head>
<body><h1>Access to this page has been denied</h1><p>Powered by PerimeterX</p></body></html>
"""


def api_error(status: int, message: str) -> Answer:
    """The documented envelope, PublicApiError."""
    return json_answer({"statusCode": status, "message": message}, status)


def internal_error(message: str = "Failed to fetch flex market data") -> Answer:
    """A 500 as captured: its text is in `errorMessage`."""
    return json_answer({"statusCode": 500, "errorMessage": message}, 500)


def too_many_requests() -> Answer:
    """The gateway's 429: plain text, and no Retry-After (FACTS 1.5)."""
    return Answer(429, b"Too Many Requests", TEXT_TYPE)


def batch_limit_exceeded() -> Answer:
    """The 429 of a batch write over its item limits: neither the envelope nor the gateway's text (FACTS 1.4)."""
    return json_answer({"httpStatusCode": 429, "message": "Batch usage limit exceeded"}, 429)


def not_ready() -> Answer:
    """The 400 of an account that cannot trade yet (FACTS 1.4); only three words of it are known."""
    return api_error(400, "Please set up your billing and shipping information first")


def unheard_of(status: int) -> Answer:
    """An error in a shape that StockX was not seen to use, for faults."""
    return json_answer({"errors": [{"code": "E-1042", "title": "Something is off"}], "trace": "practice"}, status)


def gateway_timeout() -> Answer:
    """A 504 without a body."""
    return Answer(504)


def no_token() -> Answer:
    """The gateway's 401: no statusCode in it."""
    return json_answer({"message": "Unauthorized"}, 401)


def token_refused() -> Answer:
    """The API's 401 for a token it does not accept, such as an expired one."""
    return api_error(401, "Unauthorized")


def invalid_api_key() -> Answer:
    """The gateway's answer to a missing or wrong key; FACTS gives its text, 403 is our reading of it."""
    return json_answer({"message": "Invalid API Key"}, 403)


def forbidden() -> Answer:
    """The gateway's answer to a path outside the API, such as one without `/v2` (FACTS 1.6); its body is assumed."""
    return json_answer({"message": "Forbidden"}, 403)


def waf_page() -> Answer:
    """The firewall's 403 (FACTS 1.6)."""
    return html_answer(WAF_PAGE, 403)


def error_answer(status: int) -> Answer:
    """The usual answer of a status, for faults."""
    match status:
        case 401:
            return token_refused()
        case 429:
            return too_many_requests()
        case 500:
            return internal_error()
        case 504:
            return gateway_timeout()
        case _:
            return api_error(status, HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error")


def oauth_error(status: int, error: str, description: str) -> Answer:
    """An error of the token endpoint, in the shape of RFC 6749 section 5.2."""
    return json_answer({"error": error, "error_description": description}, status)


def oauth_fault(status: int) -> Answer:
    """The usual error of the token endpoint at a status: below 500 the login is over (FACTS 2)."""
    if status == 429:
        return oauth_error(status, "too_many_requests", "Too many requests.")
    if status < 500:
        return oauth_error(status, "invalid_grant", "Unknown or invalid refresh token.")
    return oauth_error(status, "server_error", "Something went wrong.")
