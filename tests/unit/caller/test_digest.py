"""Digest answers against the vectors printed in the RFCs."""

from __future__ import annotations

from loadtest.caller import digest

_NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"


def test_md5_with_qop_gives_the_response_of_rfc_2617() -> None:
    value = digest.answer(
        f'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="{_NONCE}", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
        method="GET",
        uri="/dir/index.html",
        user="Mufasa",
        password="Circle Of Life",
        cnonce="0a4f113b",
    )
    assert value is not None
    assert 'response="6629fae49393a05397450978507c4ef1"' in value
    assert "qop=auth, nc=00000001" in value
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in value


def test_md5_without_qop_gives_the_response_of_rfc_2069_errata() -> None:
    value = digest.answer(
        f'Digest realm="testrealm@host.com", nonce="{_NONCE}"',
        method="GET",
        uri="/dir/index.html",
        user="Mufasa",
        password="CircleOfLife",
        cnonce="unused",
    )
    assert value is not None
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "cnonce" not in value


def test_sha_256_gives_the_response_of_rfc_7616() -> None:
    value = digest.answer(
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"',
        method="GET",
        uri="/dir/index.html",
        user="Mufasa",
        password="Circle of Life",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert value is not None
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in value


def test_a_challenge_we_cannot_answer_is_left_alone() -> None:
    common = {"method": "INVITE", "uri": "sip:a", "user": "u", "password": "p", "cnonce": "c"}
    assert digest.answer('Basic realm="x"', **common) is None
    assert digest.answer('Digest realm="x", nonce="n", algorithm=AKAv1-MD5', **common) is None
    assert digest.answer('Digest realm="x", nonce="n", qop="auth-int"', **common) is None
