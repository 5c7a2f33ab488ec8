"""Webhooks verify by published vectors, and nothing else does."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import taxpoynt


def square_headers(key, url, body):
    signature = base64.b64encode(hmac.new(key.encode(), url.encode() + body, hashlib.sha256).digest()).decode()
    return {"X-Square-HmacSha256-Signature": signature}


def test_published_square_vectors_verify_as_they_should(reference):
    vectors = json.loads((reference / "platforms" / "square" / "signature_vectors.json").read_text())["vectors"]
    assert {vector["valid"] for vector in vectors} == {True, False}
    for vector in vectors:
        call = dict(
            method="POST",
            url=vector["notification_url"],
            headers={"x-square-hmacsha256-signature": vector["signature"]},
            body=vector["body"].encode(),
            secret=vector["signature_key"],
        )
        try:
            taxpoynt.verify_webhook("square", **call)
            verified = True
        except taxpoynt.SignatureInvalid:
            verified = False
        except taxpoynt.PayloadError:
            verified = True  # signed, but not a body Square documents
        assert verified is vector["valid"], vector["source"]


URL = "https://host.example/hooks/square"


def test_an_event_says_what_happened_where_and_when(reference):
    body = (reference / "peer-inputs" / "square_webhook_payment_updated.json").read_bytes()
    [event] = taxpoynt.verify_webhook(
        "square", method="POST", url=URL, headers=square_headers("key", URL, body), body=body, secret="key"
    )
    assert (event.event_id, event.kind) == ("6a8f5f28-54a1-4eb0-a98a-3111513fd4fc", "payment.updated")
    assert (event.account, event.record_id) == ("MLEXAMPLE01", "CAISENgvlJ6jLWAzERDzjyHVybY")
    assert event.occurred_at == datetime(2026, 10, 14, 11, 3, 3, 100000, timezone.utc)


@pytest.mark.parametrize(
    "form",
    [
        lambda headers: {name.upper(): value for name, value in headers.items()},
        lambda headers: list(headers.items()),
        lambda headers: [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        lambda headers: iter(headers.items()),
    ],
)
def test_headers_come_in_any_form_and_case(reference, form):
    body = (reference / "peer-inputs" / "square_webhook_payment_updated.json").read_bytes()
    headers = form(square_headers("key", URL, body))
    assert len(taxpoynt.verify_webhook("square", method="POST", url=URL, headers=headers, body=body, secret="key")) == 1


def test_while_a_secret_is_rotated_both_verify(reference):
    body = (reference / "peer-inputs" / "square_webhook_payment_updated.json").read_bytes()
    for key in ("old", "new"):
        headers = square_headers(key, URL, body)
        call = dict(method="POST", url=URL, headers=headers, body=body)
        assert taxpoynt.verify_webhook("square", **call, secret=["new", "old"])
        with pytest.raises(taxpoynt.SignatureInvalid) as refused:
            taxpoynt.verify_webhook("square", **call, secret="another")
        assert refused.value.kind == "signature_invalid"
        assert "another" not in str(refused.value) + repr(refused.value.context)


def hubspot_headers(secret, url, body, at):
    stamp = str(int(at.timestamp() * 1000))
    text = b"POST" + url.encode() + body + stamp.encode()
    signature = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
    return {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}


def test_a_repeated_delivery_is_refused_after_its_time(reference):
    body = (reference / "peer-inputs" / "hubspot_webhook_batch.json").read_bytes()
    url = "https://host.example/hooks/hubspot"
    at = datetime(2026, 10, 3, 12, 0, tzinfo=ZoneInfo("Africa/Lagos"))
    call = dict(method="POST", url=url, headers=hubspot_headers("s", url, body, at), body=body, secret="s")
    events = taxpoynt.verify_webhook("hubspot", **call, now=at + timedelta(minutes=1))
    assert [event.record_id for event in events] == ["9823451207", "9823451208"]
    assert {event.account for event in events} == {"33"}
    with pytest.raises(taxpoynt.Replayed):
        taxpoynt.verify_webhook("hubspot", **call, now=at + timedelta(minutes=10))


def test_a_time_without_zone_is_refused(reference):
    with pytest.raises(taxpoynt.PayloadError, match="time zone"):
        taxpoynt.verify_webhook(
            "square", method="POST", url=URL, headers={}, body=b"{}", secret="s", now=datetime(2026, 1, 1)
        )


@pytest.mark.parametrize("headers", [{"bad name": "x"}, {"x": "a\nb"}])
def test_a_header_that_is_none_is_refused(headers):
    with pytest.raises(taxpoynt.PayloadError) as refused:
        taxpoynt.verify_webhook("square", method="POST", url=URL, headers=headers, body=b"{}", secret="s")
    assert refused.value.field == "headers"
