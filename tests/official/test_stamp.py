"""The stamp as a till prints it: 48 mm wide, scanned at 150 dpi, read by another decoder, opened with the private key."""

import base64
import json
import random
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import cv2
import numpy
import pytest
import taxpoynt
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conftest import REFERENCE

PAPER_MM = 48  # what a 58 mm roll has to print on
HEAD_DOTS = 384  # of its print head, 203 a inch
SCAN_DPI = 150
SCAN = round(PAPER_MM / 25.4 * SCAN_DPI)  # 283 pixels
RANDOM_STAMPS = 200
SEED = 20261121


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def crypto_keys(key, certificate, as_json):
    """The key file, in its present form or in the older one."""
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    if as_json:
        public = base64.b64encode(pem.encode()).decode()
        return taxpoynt.CryptoKeys.parse(json.dumps({"public_key": public, "certificate": certificate}))
    return taxpoynt.CryptoKeys.parse(f"{pem}{certificate}\n")


def of_the_vectors(key):
    """Each stamp of the vectors with its plaintext."""
    vectors = json.loads((REFERENCE / "firs/vectors/stamp-vectors.json").read_text())
    for number, case in enumerate(vectors["cases"]):
        keys = crypto_keys(key, case["certificate"], number % 2 == 0)
        if "timestamp_style" in case:
            t = case["timestamp"]
            day = datetime.strptime(case["irn"].rsplit("-", 1)[1], "%Y%m%d")
            hours, minutes, seconds, millis = int(t[:2]), int(t[2:4]), int(t[4:6]), int(t[6:])
            at = day.replace(
                hour=hours, minute=minutes, second=seconds, microsecond=1000 * millis, tzinfo=ZoneInfo("Africa/Lagos")
            )
            stamp = keys.stamp(case["irn"], at, time="local_time_of_day")
        else:
            stamp = keys.stamp(case["irn"], datetime.fromtimestamp(int(case["timestamp"]), timezone.utc))
        yield stamp, case["plaintext"]


def at_random(key):
    """Stamps of any number, date and certificate, the same ones every time."""
    chance = random.Random(SEED)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    for number in range(RANDOM_STAMPS):
        certificate = base64.b64encode(base64.b64encode(chance.randbytes(32))).decode()
        document = "".join(chance.choices(letters, k=chance.randint(1, 32)))
        service = "".join(chance.choices(letters, k=8))
        issued = date(2025, 8, 1) + timedelta(days=chance.randrange(1500))
        irn = taxpoynt.irn(document, service, issued)
        seconds = chance.randrange(1_750_000_000, 1_900_000_000)
        keys = crypto_keys(key, certificate, number % 2 == 0)
        stamp = keys.stamp(irn, datetime.fromtimestamp(seconds, timezone.utc))
        yield stamp, f'{{"irn":"{irn}.{seconds}","certificate":"{certificate}"}}'


def picture(png):
    return cv2.imdecode(numpy.frombuffer(png, numpy.uint8), cv2.IMREAD_GRAYSCALE)


def scanned(image):
    """A print as wide as the paper, at 150 dpi: each pixel of the scan is the mean of what lies under it."""
    height = round(image.shape[0] * SCAN / image.shape[1])
    return cv2.resize(image, (SCAN, height), interpolation=cv2.INTER_AREA)


def filling_the_paper(stamp):
    """The ordinary picture, scaled to the paper by whoever prints it: no whole dots a module."""
    return scanned(picture(stamp.qr_png()))


def for_the_print_head(stamp):
    """The picture made for this print head, dot by dot: whole dots a module, a margin on both sides."""
    image = picture(stamp.qr_png_for_roll(HEAD_DOTS))
    assert image.shape[1] == HEAD_DOTS
    return scanned(image)


def read(scan):
    # OpenCV looks at one pixel a module and finds the corners to about a pixel, so at 3 pixels a module it wants the
    # scan enlarged, which adds nothing to it. ZXing, which most phones have, reads these scans as they are.
    enlarged = cv2.resize(scan, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    on_the_table = cv2.copyMakeBorder(enlarged, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=255)
    return cv2.QRCodeDetectorAruco().detectAndDecode(on_the_table)[0]


@pytest.mark.parametrize("printed", [filling_the_paper, for_the_print_head])
def test_every_stamp_is_read_from_a_receipt_and_opens(key, printed, capsys):
    missed = []
    stamps = [*of_the_vectors(key), *at_random(key)]
    assert len(stamps) == RANDOM_STAMPS + 3
    for stamp, plaintext in stamps:
        scan = printed(stamp)
        assert scan.shape[1] == SCAN
        text = read(scan)
        if text != stamp.payload:
            missed.append(plaintext)
            continue
        assert key.decrypt(base64.b64decode(text), padding.PKCS1v15()).decode() == plaintext
    with capsys.disabled():
        print(f"\n{printed.__name__}: {len(stamps) - len(missed)} of {len(stamps)} read at {SCAN_DPI} dpi, {SCAN} pixels")
    assert missed == []


def test_a_print_head_that_is_too_narrow_is_refused_before_paper_is_spent(key):
    stamp = crypto_keys(key, "certificate", True).stamp("INV1-94ND90NR-20240611")
    with pytest.raises(taxpoynt.ConfigError, match="243"):
        stamp.qr_png_for_roll(242)
    assert picture(stamp.qr_png_for_roll(243)).shape == (243, 243)
