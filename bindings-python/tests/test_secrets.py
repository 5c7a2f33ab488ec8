"""Stamps decrypt with the authority's key, and sealed values open only where they belong."""

import base64
import json
import re
from datetime import datetime, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import taxpoynt
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = (
    PRIVATE.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
CERTIFICATE = base64.b64encode(base64.b64encode(bytes(range(32)))).decode()
FORMS = {
    "json": json.dumps({"public_key": base64.b64encode(PEM.encode()).decode(), "certificate": CERTIFICATE}),
    "pem": f"{PEM}{CERTIFICATE}\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_stamp_decrypts_to_what_the_authority_expects(reference, form):
    vectors = json.loads((reference / "firs" / "vectors" / "stamp-vectors.json").read_text())
    keys = taxpoynt.CryptoKeys.parse(FORMS[form])
    in_seconds = [case for case in vectors["cases"] if "timestamp_style" not in case]
    assert in_seconds
    for case in in_seconds:
        at = datetime.fromtimestamp(int(case["timestamp"]), ZoneInfo("Africa/Lagos"))
        stamp = keys.stamp(case["irn"], at=at)
        assert len(stamp.payload) == vectors["base64_len"]
        plain = PRIVATE.decrypt(base64.b64decode(stamp.payload), padding.PKCS1v15())
        assert plain.decode() == case["plaintext"]


def test_a_stamp_has_pictures_and_can_be_made_from_its_text():
    stamp = taxpoynt.CryptoKeys.parse(FORMS["json"]).stamp("INV001-94ND90NR-20240611")
    assert stamp.qr_svg().startswith("<svg")
    assert stamp.qr_png().startswith(b"\x89PNG")
    again = taxpoynt.Stamp.of(stamp.payload)
    assert (again.payload, again.qr_svg()) == (stamp.payload, stamp.qr_svg())


def test_a_stamp_writes_its_time_as_it_is_told_and_an_unknown_way_is_refused_by_name():
    keys = taxpoynt.CryptoKeys.parse(FORMS["json"])
    at = datetime(2024, 11, 14, 17, 59, 4, 7000, tzinfo=ZoneInfo("Africa/Lagos"))
    stamp = keys.stamp("INV001-94ND90NR-20240611", at, time="local_time_of_day")
    plain = json.loads(PRIVATE.decrypt(base64.b64decode(stamp.payload), padding.PKCS1v15()))
    assert plain["irn"] == "INV001-94ND90NR-20240611.175904007"
    with pytest.raises(taxpoynt.ConfigError, match="unix_seconds") as refused:
        keys.stamp("INV001-94ND90NR-20240611", at, time="minutes")
    assert refused.value.context["field"] == "time"


def test_a_picture_is_as_wide_as_the_print_head_or_is_refused():
    stamp = taxpoynt.CryptoKeys.parse(FORMS["json"]).stamp("INV001-94ND90NR-20240611")
    for dots in (384, 576):
        assert int.from_bytes(stamp.qr_png_for_roll(dots)[16:20], "big") == dots
    with pytest.raises(taxpoynt.ConfigError, match="242 dots") as refused:
        stamp.qr_png_for_roll(242)
    assert refused.value.context["field"] == "dots"


def test_without_a_time_the_stamp_says_now():
    before = int(datetime.now(timezone.utc).timestamp())
    stamp = taxpoynt.CryptoKeys.parse(FORMS["pem"]).stamp("INV001-94ND90NR-20240611")
    plain = json.loads(PRIVATE.decrypt(base64.b64decode(stamp.payload), padding.PKCS1v15()))
    seconds = int(plain["irn"].rsplit(".", 1)[1])
    assert before <= seconds <= int(datetime.now(timezone.utc).timestamp())


def test_an_unusable_key_file_is_refused_without_showing_it():
    with pytest.raises(taxpoynt.ConfigError) as refused:
        taxpoynt.CryptoKeys.parse(json.dumps({"public_key": "c2VjcmV0LXRoaW5n", "certificate": CERTIFICATE}))
    assert refused.value.context["field"] == "public_key"
    assert "c2VjcmV0" not in str(refused.value) and CERTIFICATE not in str(refused.value)
    keys = taxpoynt.CryptoKeys.parse(FORMS["json"])
    assert CERTIFICATE not in repr(keys)
    with pytest.raises(taxpoynt.PayloadError):
        keys.stamp("not an irn")


def test_a_sealed_value_opens_only_where_it_belongs():
    vault = taxpoynt.Vault([taxpoynt.Vault.generate_key()])
    sealed = vault.seal({"token": "t", "rate": Decimal("7.50"), "n": 1}, context="connection:1")
    assert vault.open(sealed, context="connection:1") == {"token": "t", "rate": Decimal("7.50"), "n": 1}
    for token, context in ((sealed, "connection:2"), (sealed[:-4] + "AAAA", "connection:1"), ("", "connection:1")):
        with pytest.raises(taxpoynt.ConfigError):
            vault.open(token, context=context)
    text = vault.seal("just text", context="c")
    assert vault.open(text, context="c") == "just text"


def test_the_python_host_reads_what_the_vault_sealed():
    key = Fernet.generate_key().decode()
    vault = taxpoynt.Vault([key])
    plain = json.loads(Fernet(key).decrypt(vault.seal({"a": 1}, context="here").encode()))
    assert plain == {"context": "here", "value": {"a": 1}}


def test_after_rotation_the_old_key_is_not_needed():
    old, new = taxpoynt.Vault.generate_key(), taxpoynt.Vault.generate_key()
    sealed = taxpoynt.Vault([old]).seal({"a": 1}, context="c")
    rotated = taxpoynt.Vault([new, old]).rotate(sealed)
    assert taxpoynt.Vault([new]).open(rotated, context="c") == {"a": 1}
    with pytest.raises(taxpoynt.ConfigError):
        taxpoynt.Vault([new]).open(sealed, context="c")


@pytest.mark.parametrize("keys", [[], ["short"], [""]])
def test_without_a_good_key_there_is_no_vault(keys):
    with pytest.raises(taxpoynt.ConfigError) as refused:
        taxpoynt.Vault(keys)
    assert not re.search(r"short", str(refused.value))
