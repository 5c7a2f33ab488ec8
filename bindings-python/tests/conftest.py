"""The reference data, the simulators, and a record of our own."""

import copy
import json
import os
import pathlib
import subprocess
import urllib.request

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = pathlib.Path(os.environ.get("TAXPOYNT_REFERENCE", REPOSITORY.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def reference() -> pathlib.Path:
    """The folder of reference data."""
    assert (REFERENCE / "peer-inputs" / "tenants.json").is_file(), (
        f"the reference data is absent at {REFERENCE}: set TAXPOYNT_REFERENCE"
    )
    return REFERENCE


TENANT = {
    "name": "Balogun Kitchens Ltd",
    "tin": "22334455-0001",
    "email": "accounts@balogun.example",
    "phone": "+2348030000007",
    "timezone": "Africa/Lagos",
    "business_id": "0d5d7a52-6a0f-4c1b-8f0e-3b8a64e0c911",
    "service_id": "9C2E71AB",
    "address": {"street": "3 Broad Street", "city": "Lagos", "state": "NG-LA", "lga": "NG-LA-LIS", "country": "NG"},
    "tax": {"untaxed": {"category": "E", "percent": "0", "reason": "basic food"}},
    "classification": {"default": {"hsn_code": "2106.90", "product_category": "Food preparations"}},
    "buyer": {"tin_path": "customer.reference_id", "strip_prefix": "TIN:"},
}


def naira(amount: int) -> dict:
    return {"amount": amount, "currency": "NGN"}


# 3 × 2,000.00 with 7.5 % of tax: 6,000.00 + 450.00.
ORDER = {
    "id": "ORDER-1",
    "location_id": "L-1",
    "state": "COMPLETED",
    "created_at": "2026-10-05T23:30:00.000Z",
    "updated_at": "2026-10-05T23:31:00.000Z",
    "closed_at": "2026-10-05T23:31:00.000Z",
    "line_items": [
        {
            "uid": "line-1",
            "catalog_object_id": "MEAL",
            "name": "Ofada rice",
            "quantity": "3",
            "base_price_money": naira(200000),
            "variation_total_price_money": naira(600000),
            "gross_sales_money": naira(600000),
            "total_tax_money": naira(45000),
            "total_discount_money": naira(0),
            "total_money": naira(645000),
            "applied_taxes": [{"uid": "applied-1", "tax_uid": "vat", "applied_money": naira(45000)}],
        }
    ],
    "taxes": [
        {
            "uid": "vat",
            "catalog_object_id": "VAT",
            "name": "VAT",
            "percentage": "7.5",
            "type": "ADDITIVE",
            "scope": "LINE_ITEM",
            "applied_money": naira(45000),
        }
    ],
    "tenders": [{"id": "tender-1", "type": "CASH", "amount_money": naira(645000)}],
    "total_money": naira(645000),
    "total_tax_money": naira(45000),
    "total_discount_money": naira(0),
    "total_tip_money": naira(0),
    "total_service_charge_money": naira(0),
    "net_amounts": {
        "total_money": naira(645000),
        "tax_money": naira(45000),
        "discount_money": naira(0),
        "tip_money": naira(0),
        "service_charge_money": naira(0),
    },
}


@pytest.fixture
def tenant() -> dict:
    return copy.deepcopy(TENANT)


@pytest.fixture
def record() -> dict:
    return copy.deepcopy({"order": ORDER})


class Simulators:
    """A running `taxpoynt-sim`: every platform and the authority on loopback."""

    def __init__(self, told: dict):
        self.urls = told["urls"]
        self.credentials = told["credentials"]
        self.deal = told["hubspot"]["deal_id"]

    def control(self, path: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        return self.request("POST", path, data)

    def state(self, path: str) -> dict:
        return self.request("GET", path, None)

    def request(self, method: str, path: str, data: bytes | None) -> dict:
        request = urllib.request.Request(self.urls["control"] + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def tenant(self) -> dict:
        """The seller the simulated authority knows."""
        own = self.credentials["authority"]
        known = {name: own[name] for name in ("name", "tin", "business_id", "service_id")}
        keys = {name: own[name] for name in ("api_key", "api_secret", "crypto_keys")}
        return {**copy.deepcopy(TENANT), **known, "authority": keys}

    def options(self) -> dict:
        """Arguments of `Engine.open` that reach the simulators."""
        return {"authority": {"base_url": self.urls["authority"]}, "allow_hosts": ["127.0.0.1"]}

    def square(self, webhook_url: str) -> dict:
        """Arguments of `connect` for the simulated till."""
        own = self.credentials["square"]
        return {
            "credentials": {"access_token": own["access_token"], "webhook_secret": own["signature_key"]},
            "settings": {"base_url": self.urls["square"], "webhook_url": webhook_url},
        }


@pytest.fixture
def sim():
    """Fresh simulators for one test."""
    program = os.environ.get("TAXPOYNT_SIM", str(REPOSITORY / "target" / "debug" / "taxpoynt-sim"))
    assert pathlib.Path(program).is_file(), f"the simulator is absent at {program}: set TAXPOYNT_SIM"
    process = subprocess.Popen([program, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        yield Simulators(json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
