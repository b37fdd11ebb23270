"""`solegate auth`: a person logs in, in the browser or by hand."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

from support.cli import Cli, Market, press_allow, read_url


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def fetch(url: str, *, method: str = "GET") -> tuple[int, str]:
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_login_by_hand(new_cli: Cli, market: Market) -> None:
    with new_cli.start("auth", "login", "--no-browser") as process:
        redirect = press_allow(read_url(process))
        out, _err = process.communicate(f"{redirect}\n", timeout=30)

    assert (process.returncode, out) == (0, "Account 'default' is connected. Its tokens are renewed by themselves.\n")
    status = new_cli.run("auth", "status", "--json")
    assert status.code == 0
    assert (status.json["state"], status.json["tokenVersion"]) == ("connected", 1)
    assert "token" not in status.out.lower().replace("tokenexpiresat", "").replace("tokenversion", "")


def test_login_in_the_browser(new_cli: Cli) -> None:
    port = free_port()
    with new_cli.start(
        "auth", "login", "--json", BROWSER="true", SOLEGATE_STOCKX_REDIRECT_URI=f"http://localhost:{port}/back"
    ) as process:
        redirect = press_allow(read_url(process))
        with urllib.request.urlopen(redirect, timeout=10) as page:
            text = page.read().decode()
        out, _err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "You can close this page." in text
    assert '"connected": true' in out


def test_what_other_pages_send_neither_ends_the_login_nor_speaks_in_it(new_cli: Cli) -> None:
    uri = f"http://127.0.0.1:{free_port()}/back"
    with new_cli.start("auth", "login", BROWSER="true", SOLEGATE_STOCKX_REDIRECT_URI=uri) as process:
        authorize = read_url(process)
        foreign = [fetch(f"{uri}?error=x&error_description=Call+EVIL{state}") for state in ("", "&state=guessed")]
        mangled = [fetch(uri, method="POST"), fetch(uri.replace("back", "elsewhere"))]
        idle = socket.create_connection(("127.0.0.1", urlsplit(uri).port or 0))
        page = fetch(press_allow(authorize))
        _out, err = process.communicate(timeout=30)
        idle.close()

    assert {status for status, _text in foreign} == {400}
    assert [status for status, _text in mangled] == [400, 404]
    assert "EVIL" not in "".join(text for _status, text in foreign) + err
    assert (page[0], process.returncode) == (200, 0)
    assert "Traceback" not in err


def test_a_login_that_was_denied_ends(new_cli: Cli) -> None:
    uri = f"http://127.0.0.1:{free_port()}/back"
    with new_cli.start("auth", "login", BROWSER="true", SOLEGATE_STOCKX_REDIRECT_URI=uri) as process:
        state = parse_qs(urlsplit(read_url(process)).query)["state"][0]
        _status, page = fetch(f"{uri}?error=access_denied&state={state}")
        _out, err = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "access_denied" in page
    assert "access_denied" in err


def test_a_redirect_of_somebody_else_connects_nothing(new_cli: Cli) -> None:
    result = new_cli.run("auth", "login", "--no-browser", typed="http://localhost:8123/callback?code=x&state=y\n")

    assert result.code == 2
    assert "state differs" in result.err
    assert new_cli.query("SELECT count(*) FROM accounts") == [(0,)]


def test_a_wrong_client_secret_connects_nothing(new_cli: Cli) -> None:
    with new_cli.start("auth", "login", "--no-browser", SOLEGATE_STOCKX_CLIENT_SECRET="wrong-secret") as process:
        redirect = press_allow(read_url(process))
        _out, err = process.communicate(f"{redirect}\n", timeout=30)

    assert process.returncode == 4
    assert "Traceback" not in err
    assert "wrong-secret" not in err
    assert "client secret" in err
    assert new_cli.query("SELECT count(*) FROM accounts") == [(0,)]


def test_nobody_comes_back(new_cli: Cli) -> None:
    uri = f"http://127.0.0.1:{free_port()}/callback"

    result = new_cli.run("auth", "login", "--timeout", "1", BROWSER="true", SOLEGATE_STOCKX_REDIRECT_URI=uri)

    assert result.code == 4
    assert "within 1 seconds" in result.err


def test_the_callback_port_is_taken(new_cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        uri = f"http://127.0.0.1:{taken.getsockname()[1]}/callback"
        result = new_cli.run("auth", "login", BROWSER="true", SOLEGATE_STOCKX_REDIRECT_URI=uri)

    assert result.code == 6
    assert "--no-browser" in result.err


def test_credentials_are_missing(new_cli: Cli) -> None:
    result = new_cli.run("auth", "login", "--json", SOLEGATE_STOCKX_CLIENT_SECRET="")

    assert result.code == 4
    assert "SOLEGATE_STOCKX_CLIENT_SECRET" in result.error["hint"]
    assert not new_cli.database.exists()


def test_the_status_of_an_account_that_was_never_connected(new_cli: Cli) -> None:
    result = new_cli.run("auth", "status", "--json")

    assert result.code == 4
    assert result.json["state"] is None
