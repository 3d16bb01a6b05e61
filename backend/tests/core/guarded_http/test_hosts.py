"""Host names in every form that somebody may write: read as the network reads them, and judged by that."""

import pytest

from coda.core.guarded_http import AddressRefused, OutboundError, OutboundFailed, OutboundHttp, Reach
from coda.core.guarded_http.client import check_url
from coda.core.guarded_http.hosts import host_in, in_usual_form

HERE = [
    "http://0x7f000001", "http://2130706433", "http://127.1", "http://0177.0.0.1", "http://0x7f.1",
    "http://[::ffff:127.0.0.1]", "http://127.0.0.1.", "http://\uff11\uff12\uff17.0.0.1", "http://127\u30020\u30020\u30021",
]  # fmt: skip
NAMES = {
    "http://b\u00fccher.example/v1": "xn--bcher-kva.example",
    "http://LOCALHOST.": "localhost",
    "http://gpu_box.lan:8000": "gpu_box.lan",
    "http://0x.com": "0x.com",
    "http://1e3.com": "1e3.com",
    "http://[2001:db8::1]:8": "2001:db8::1",
}
NONE = [
    "http://" + "a" * 64 + ".com", "http://a..b", "http://ex%41mple", "http://a b", "http://999.999.999.999",
    "http://1.2.3.4.5", "http://\u200b.com", "http://[::1", "http://host:99999", "http://" + "a." * 130 + "com",
]  # fmt: skip


@pytest.mark.parametrize("url", HERE)
def test_one_address_has_many_forms(url: str) -> None:
    assert host_in(url) == "127.0.0.1"
    assert in_usual_form(f"{url}:8000/v1") == "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(("url", "host"), NAMES.items())
def test_names_are_in_ascii(url: str, host: str) -> None:
    assert host_in(url) == host
    check_url(url)


def test_a_name_stays_as_it_was_written() -> None:
    assert in_usual_form("http://b\u00fccher.example/v1") == "http://b\u00fccher.example/v1"
    assert in_usual_form("http://localhost.:8/v1") == "http://localhost:8/v1"


@pytest.mark.parametrize("url", NONE)
def test_what_no_host_is_called_is_told(url: str) -> None:
    with pytest.raises(OutboundFailed, match=r"No host can be called|not a valid address"):
        check_url(url)


def test_a_login_in_an_address_is_told() -> None:
    with pytest.raises(OutboundFailed, match="user name"):
        check_url("http://me:secret@provider.test")


@pytest.mark.parametrize("url", HERE)
async def test_the_client_refuses_it_in_every_form(url: str) -> None:
    http = OutboundHttp()
    try:
        with pytest.raises(AddressRefused):
            await http.fetch(f"{url}:9/", reach=Reach.PUBLIC)
        with pytest.raises(OutboundFailed, match="Nothing answers"):
            await http.fetch(f"{url}:9/", reach=Reach.PRIVATE)
    finally:
        await http.close()


@pytest.mark.parametrize("host", ["a" * 64 + ".com", "a..b"])
async def test_a_redirect_to_no_host_is_an_error_of_ours(host: str) -> None:
    http = OutboundHttp()
    try:
        with pytest.raises(OutboundError):
            await http.post(f"http://{host}/", reach=Reach.ANY, headers={}, body=b"")
    finally:
        await http.close()
