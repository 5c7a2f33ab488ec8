"""Stamps decrypt with the authority's key, and sealed values open only where they belong."""

import base64
import json
import pathlib
import re
import traceback
from datetime import datetime, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import taxpoynt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
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


VECTORS = json.loads(
    (pathlib.Path(__file__).resolve().parents[2] / "taxpoynt-core/tests/vectors/fernet.json").read_text()
)


def test_the_vectors_are_what_pythons_own_library_says():
    for case in VECTORS["generate"]:
        made = Fernet(case["secret"])._encrypt_from_parts(case["src"].encode(), case["now"], bytes(range(16)))
        assert made.decode() == case["token"]
    for case in VECTORS["open"]:
        Fernet(case["secret"]).decrypt_at_time(case["token"].encode(), case["ttl_sec"], case["now"])
    for case in VECTORS["invalid"]:
        with pytest.raises(InvalidToken):
            Fernet(case["secret"]).decrypt_at_time(case["token"].encode(), case["ttl_sec"], case["now"])


def test_python_and_the_vault_read_and_rotate_each_others_values():
    old, new = Fernet.generate_key(), Fernet.generate_key()
    both, python = taxpoynt.Vault([new.decode(), old.decode()]), MultiFernet([Fernet(new), Fernet(old)])
    for size in (0, 1, 15, 16, 17, 1000):
        value = {"token": "é" * size}
        plain = json.dumps({"context": "c", "value": value}).encode()
        theirs = Fernet(old).encrypt_at_time(plain, 1_000_000_000).decode()
        assert both.open(theirs, context="c") == value
        ours = both.rotate(theirs)
        assert json.loads(Fernet(new).decrypt(ours.encode()))["value"] == value
        assert Fernet(new).extract_timestamp(ours.encode()) == 1_000_000_000, "rotating makes nothing younger"
        assert both.open(python.rotate(ours.encode()).decode(), context="c") == value


CANARY = "canary-secret-that-no-exception-shows"


def test_no_exception_shows_a_secret():
    vault = taxpoynt.Vault([taxpoynt.Vault.generate_key()])
    sealed = vault.seal(CANARY, context="here")

    def opened(**changed):
        return taxpoynt.blocking.Engine.open("sqlite::memory:", **{"keys": [taxpoynt.Vault.generate_key()], **changed})

    def connected(platform, **credentials):
        with opened() as engine:
            tenant = engine.add_tenant({"name": "Ada Foods", "tin": "1"})
            engine.connect(platform, tenant.id, credentials=credentials, settings={"base_url": "http://127.0.0.1:9/"})

    def tenant(authority):
        with opened() as engine:
            engine.add_tenant({"name": "Ada Foods", "tin": "1", "authority": authority})

    attempts = [
        lambda: taxpoynt.Vault([CANARY]),
        lambda: vault.open(CANARY, context="here"),
        lambda: vault.open(sealed, context="elsewhere"),
        lambda: vault.rotate(CANARY),
        lambda: taxpoynt.CryptoKeys.parse(CANARY),
        lambda: taxpoynt.CryptoKeys.parse(json.dumps({"public_key": CANARY, "certificate": CANARY})),
        lambda: opened(keys=[CANARY]),
        lambda: opened(authority={"base_url": f"https://user:{CANARY}@authority.example"}),
        lambda: opened(authority={"base_url": f"https://user:{CANARY}@no host"}),
        lambda: opened(authority={"base_url": "https://a.example", "api_key": [CANARY], "api_secret": CANARY}),
        lambda: opened(apps={"square": {"webhook_secret": {"value": CANARY}}}),
        lambda: connected("square", access_token=CANARY),
        lambda: connected("square", access_token=[CANARY]),
        lambda: connected("square", access_token=CANARY + "\n"),
        lambda: tenant(CANARY),
        lambda: tenant({"api_key": [CANARY], "api_secret": CANARY}),
        lambda: tenant({"api_key": CANARY, "api_secret": CANARY, "base_url": f"https://user:{CANARY}@a.example"}),
        lambda: tenant({"crypto_keys": CANARY}),
    ]
    for number, attempt in enumerate(attempts):
        with pytest.raises(taxpoynt.TaxpoyntError) as refused:
            attempt()
        error = refused.value
        # Not the source lines of a traceback, which are this file's: what the exceptions themselves say.
        said = "".join(traceback.TracebackException.from_exception(error).format_exception_only())
        shown = f"{said} {error} {error!r} {error.context} {error.__cause__!r} {error.__context__!r} {vars(error)}"
        assert CANARY not in shown, number


def test_keys_are_rotated_while_the_engine_is_open(tmp_path):
    url = f"sqlite://{tmp_path}/keys.db"
    old, new = taxpoynt.Vault.generate_key(), taxpoynt.Vault.generate_key()
    authority = {"api_key": CANARY, "api_secret": CANARY}
    with taxpoynt.blocking.Engine.open(url, keys=[old]) as engine:
        engine.add_tenant({"name": "Ada Foods", "tin": "1", "authority": authority})
    with pytest.raises(taxpoynt.ConfigError, match="no listed key opens any of the 1 stored"):
        taxpoynt.blocking.Engine.open(url, keys=[new])
    with taxpoynt.blocking.Engine.open(url, keys=[new], keys_lost=True) as engine:
        assert [lost.place for lost in engine.key_report().lost] == ["tenants.sealed"]
    with taxpoynt.blocking.Engine.open(url, keys=[new, old]) as engine:
        assert engine.key_report().by_key == [0, 1]
        report = engine.rotate_keys()
        assert (report.of, report.done, report.left, report.resealed) == (1, 1, 0, 1)
    with taxpoynt.blocking.Engine.open(url, keys=[new]) as engine:
        assert engine.key_report().done == 1
