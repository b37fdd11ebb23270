"""Which addresses may be called on somebody's behalf."""

from __future__ import annotations

import pytest

from solegate.domain.targets import Target, refusal, target_of

PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "169.253.255.255",
    "192.0.1.1",
    "198.17.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
)
OWN = (
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "fc00::1",
    "fdff::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:c0a8:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
)
NEVER = (
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "64:ff9b:1::1",
    "64:ff9b::169.254.169.254",
    "::ffff:169.254.169.254",
    "100::1",
    "5f00::1",
    "4000::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "localhost",
    "",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address):
    assert (refusal(address, private=False), refusal(address, private=True)) == ("", "")


@pytest.mark.parametrize("address", OWN)
def test_the_own_network_is_called_only_where_that_is_allowed(address):
    assert refusal(address, private=False)
    assert refusal(address, private=True) == ""


@pytest.mark.parametrize("address", NEVER)
def test_metadata_services_and_what_is_no_single_machine_are_never_called(address):
    assert refusal(address, private=False)
    assert refusal(address, private=True)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://shop.example", Target("https", "shop.example", 443, "/")),
        ("https://Shop.Example:8443/in?x=1", Target("https", "shop.example", 8443, "/in?x=1")),
        ("HTTPS://shop.example./in", Target("https", "shop.example", 443, "/in")),
        ("https://[2606:4700::1]:444444", None),
        ("https://[2606:4700::1]:4444/", Target("https", "2606:4700::1", 4444, "/")),
    ],
)
def test_a_web_address_is_taken_apart(url, target):
    found = target_of(url, private=False)

    assert found == target if target is not None else isinstance(found, str)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://shop.example/", "shop.example"),
        ("https://shop.example:8443/", "shop.example:8443"),
        ("https://[2606:4700::1]/", "[2606:4700::1]"),
    ],
)
def test_the_host_header_is_as_browsers_write_it(url, host):
    target = target_of(url, private=False)

    assert isinstance(target, Target)
    assert target.authority == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "//shop.example",
        "ftp://shop.example",
        "file:///etc/passwd",
        "gopher://shop.example",
        "https://",
        "https:///in",
        "https://user@shop.example",
        "https://user:word@shop.example",
        "https://shop.example#x",
        "https://shop.example\\@evil.example",
        "https://shop.example/ x",
        "https://shop.example/\r\nHost: x",
        "https://shöp.example",
        "https://shop..example",
        "https://-shop.example",
        "https://shop.example:0",
        "https://shop.example:70000",
        "https://shop.example:x",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://[v1.x]/",
        f"https://shop.example/{'x' * 2000}",
    ],
)
def test_what_is_no_plain_web_address_is_refused_even_where_private_ones_are_allowed(url):
    assert isinstance(target_of(url, private=False), str)
    assert isinstance(target_of(url, private=True), str)


@pytest.mark.parametrize("url", ["http://shop.example", "https://shop.example:22", "https://shop.example:25/x"])
def test_plain_http_and_ports_of_other_services_need_private_targets(url):
    assert isinstance(target_of(url, private=False), str)
    assert isinstance(target_of(url, private=True), Target)
