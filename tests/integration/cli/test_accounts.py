"""`solegate accounts` and `--account`: several accounts on the command line, their secrets never in its arguments."""

from __future__ import annotations

from support.cli import KEY, Cli, Market, press_allow, read_url

CANARY = "canary-2f6d"


def typed_keys(market: Market) -> str:
    """Client id, client secret and API key, as a pipe gives them."""
    config = market.simulator.config
    return f"{config.client_id}\n{config.client_secret}\n{config.api_key}\n"


def add(cli: Cli, market: Market, name: str, *more: str) -> None:
    result = cli.run("accounts", "add", name, *more, typed=typed_keys(market))
    assert result.code == 0, result.err


def log_in(cli: Cli, name: str) -> None:
    with cli.start("auth", "login", "--account", name, "--no-browser") as process:
        redirect = press_allow(read_url(process))
        _out, err = process.communicate(f"{redirect}\n", timeout=30)
    assert process.returncode == 0, err


def test_a_second_account_is_added_connected_by_hand_and_named_by_every_command(cli: Cli, market: Market) -> None:
    add(cli, market, "shop-b", "--currency", "JPY")
    before = cli.run("--account", "shop-b", "search", "dunk")
    log_in(cli, "shop-b")

    assert before.code == 4
    assert "`solegate auth login --account shop-b`" in before.err
    found = cli.run("--account", "shop-b", "search", "dunk")
    assert found.code == 0, found.err
    assert cli.query("SELECT DISTINCT account FROM quota ORDER BY account") == [("shop-b",)]
    by_variable = cli.run("auth", "status", "--json", SOLEGATE_ACCOUNT="shop-b")
    assert (by_variable.code, by_variable.json["account"]) == (0, "shop-b")


def test_the_account_in_use_is_chosen_listed_and_removed(cli: Cli, market: Market) -> None:
    add(cli, market, "shop-b")
    used = cli.run("accounts", "use", "shop-b", "--json")
    listed = cli.run("accounts", "list")
    status = cli.run("auth", "status", "--all")
    unknown = cli.run("--account", "typo", "auth", "status")
    removed = cli.run("accounts", "remove", "shop-b", "--yes")

    assert (used.code, used.json["inUse"]) == (0, True)
    lines = listed.out.splitlines()
    assert any("shop-b" in line and "in use" in line and "never connected" in line for line in lines)
    assert any("default" in line and "environment" in line for line in lines)
    assert "solegate auth login --account shop-b" in listed.out
    assert (status.code, "default  connected" in status.out) == (4, True)
    assert (unknown.code, "There are: default, shop-b." in unknown.err) == (3, True)
    assert removed.code == 0
    assert cli.query("SELECT count(*) FROM applications") == [(0,)]


def test_the_first_account_needs_no_environment(new_cli: Cli, market: Market) -> None:
    bare = Cli(new_cli.home, {k: v for k, v in new_cli.variables.items() if "CLIENT" not in k and "API_KEY" not in k})
    add(bare, market, "shop")
    log_in(bare, "shop")

    assert bare.run("doctor").code == 0
    (account,) = bare.run("accounts", "list", "--json").json["accounts"]
    assert (account["account"], account["standing"], account["inUse"]) == ("shop", "connected", True)


def test_a_new_api_key_is_piped_and_shown_nowhere(cli: Cli) -> None:
    added = cli.run("accounts", "add", "shop-b", typed=f"id\n{CANARY}-secret\n{CANARY}-key\n")
    rotated = cli.run("accounts", "rotate-key", "shop-b", "--json", typed=f"{CANARY}-new\n\n")
    nothing = cli.run("accounts", "rotate-key", "shop-b", typed="\n\n")

    assert [added.code, rotated.code, nothing.code] == [0, 0, 2]
    assert all(CANARY not in each.out + each.err for each in (added, rotated, nothing))
    assert CANARY.encode() not in cli.database.read_bytes()


def test_a_key_file_gets_a_new_key_that_seals_everything_and_forgets_the_old_one(cli: Cli, market: Market) -> None:
    file = cli.database.parent / "secret.key"
    file.write_text(KEY)
    add(cli, market, "shop-b")

    done = cli.run("db", "rekey", "--new-key", "--json", SOLEGATE_SECRET_KEY="")

    assert (done.code, done.json["sealed"]) == (0, 4)  # two tokens of one account, secret and key of the other
    assert (file.stat().st_mode & 0o777, len(file.read_text())) == (0o600, len(KEY))
    assert file.read_text() != KEY
    assert cli.run("auth", "status", SOLEGATE_SECRET_KEY="").code == 0
    assert cli.run("auth", "status").code == 6
