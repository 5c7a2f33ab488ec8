"""The native module. Private: hosts use `taxpoynt`."""

from concurrent.futures import Future
from datetime import date, datetime
from typing import Any, Literal, final

__all__ = [
    "CryptoKeys",
    "Engine",
    "Explainer",
    "Invoice",
    "Rules",
    "Stamp",
    "Vault",
    "call_names",
    "convert",
    "explain",
    "finish_handing_over",
    "from_json",
    "irn",
    "parse_ubl",
    "platforms",
    "register_template",
    "rule_ids",
    "rulesets",
    "validate",
    "verify_webhook",
]

@final
class Explainer:
    def json(self) -> str: ...

@final
class Invoice:
    def json(self) -> str: ...
    def to_ubl(self) -> bytes: ...
    def to_mbs(self) -> bytes: ...

@final
class Rules:
    """Mapping rules: which source fills which field of an invoice, on top of the platform's own and the tenant's."""

    @staticmethod
    def parse(text: str, tables: dict[str, str] | None = None) -> Rules:
        """Reads rules written as TOML or as the same in JSON.

        Raises `MappingError` with `line` and `column`; it names the nearest valid name for one that is unknown.

        `tables` are the CSV files that lookups name, by name. `MappingError` also where a rule looks up what they do not
        have, or one cannot be used, which `table` in the context names.
        """
    @staticmethod
    def templates() -> list[dict[str, str]]:
        """Rule files to start from: `name`, `about` and `text` of each."""
    @staticmethod
    def json_schema() -> dict[str, Any]:
        """The JSON Schema of the rules, for an editor form."""

@final
class CryptoKeys:
    """The key file of a taxpayer, which the authority's dashboard gives out. Makes the QR stamp of a document.

    What it holds acts as a secret and is never shown.
    """

    @staticmethod
    def parse(text: str) -> CryptoKeys:
        """Reads the text of `crypto_keys.txt`: JSON with `public_key` and `certificate`, or a PEM block followed by
        the certificate on a line of its own.

        Raises `ConfigError` with `field` in its context; what was found is never repeated.
        """
    def stamp(
        self,
        irn: str,
        at: datetime | None = None,
        *,
        time: Literal["unix_seconds", "local_time_of_day"] = "unix_seconds",
    ) -> Stamp:
        """Stamps an IRN at the time `at` (aware; now unless given). The ciphertext is random: keep the stamp, never
        make it again. `time` says how the time is written: `unix_seconds`, as the official text has it, or
        `local_time_of_day`.

        Raises `PayloadError` for what is no IRN, `ConfigError` where the certificate is too long for the key.
        """

@final
class Stamp:
    """A QR stamp and its pictures."""

    @staticmethod
    def of(payload: str) -> Stamp:
        """A stamp that was made before and stored as text. Raises `PayloadError` for what no QR code can hold."""
    @property
    def payload(self) -> str:
        """What the QR code holds, base64."""
    def qr_svg(self) -> str:
        """An SVG image of error correction level M, quiet zone included."""
    def qr_png(self) -> bytes:
        """A PNG image of error correction level M, at least 300 pixels wide, quiet zone included."""
    def qr_png_for_roll(self, dots: int) -> bytes:
        """A PNG image exactly as wide as a till's print head, so that the printer scales nothing: 384 dots on paper of
        58 mm, 576 on 80 mm. Whole dots a module, as many as fit, in the middle of the paper.

        Raises `ConfigError` where it is too narrow for three dots a module.
        """

@final
class Vault:
    """Seals credentials for storage: Fernet under a list of keys, of which the first seals and all open. A sealed value
    opens only for the context it was sealed for, so a row that was copied elsewhere does not open there.

    Raises `ConfigError` where there is no key, one is malformed, or none opens a value.
    """

    def __new__(cls, keys: list[str]) -> Vault: ...
    @staticmethod
    def generate_key() -> str:
        """A new random key. Keep it where the database is not."""
    def seal(self, value: Any, *, context: str) -> str:
        """Seals a value (dict, list, text, numbers) for the place `context` names."""
    def open(self, token: str, *, context: str) -> Any:
        """Opens what was sealed for that place. Fractions come back as `Decimal`."""
    def rotate(self, token: str) -> str:
        """The same value under the first key."""

@final
class Engine:
    """An engine and the runtime it works on. Each call starts its work and returns the future of its JSON answer."""

    def __new__(cls) -> Engine: ...
    def open(self, url: str, settings: dict[str, Any]) -> Future[str]: ...
    def close(self) -> None: ...
    def add_tenant(self, tenant: dict[str, Any]) -> Future[str]: ...
    def tenant(self, id: str) -> Future[str]: ...
    def connect(
        self, platform: str, tenant: str, credentials: dict[str, str], settings: dict[str, str]
    ) -> Future[str]: ...
    def receive(
        self, target: str, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Future[str]: ...
    def receive_authority(
        self, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Future[str]: ...
    def ingest(self, connection: str, record: bytes | str | dict[str, Any], tenant: str | None) -> Future[str]: ...
    def sync(self, connection: str, tenant: str | None, since: datetime | None) -> Future[str]: ...
    def invoice(self, connection: str, record_id: str, tenant: str | None) -> Future[str]: ...
    def start_workers(self, count: int) -> int: ...
    def stop_workers(self, name: int) -> Future[str]: ...
    def drain(self, milliseconds: int) -> Future[str]: ...
    def ask(self, name: str, arguments: dict[str, Any]) -> Future[str]: ...
    def import_catalogue(self, tenant: str, csv: bytes, partial: bool, replace: bool) -> Future[str]: ...
    def document(self, id: str, tenant: str | None) -> Future[str]: ...
    def records(
        self, kind: str | None, held: bool, tenant: str | None, cursor: str | None, limit: int | None
    ) -> Future[str]: ...
    def connections(self, tenant: str | None) -> Future[str]: ...
    def dead_letters(self, tenant: str | None) -> Future[str]: ...
    def replay(self, id: str, tenant: str | None) -> Future[str]: ...
    def replay_record(self, id: str, tenant: str | None) -> Future[str]: ...
    def discard(self, id: str, reason: str, tenant: str | None) -> Future[str]: ...
    def explain(self, id: str, tenant: str | None) -> Future[str]: ...
    def audit(self, id: str, tenant: str | None) -> Future[str]: ...
    def sync_log(self, connection: str, tenant: str | None) -> Future[str]: ...

def call_names() -> list[str]: ...
def convert(
    platform: str,
    record: bytes | str | dict[str, Any],
    tenant: dict[str, Any],
    rules: Rules | None,
    issued: list[dict[str, Any]],
    sequence: int,
    issue_date: date | None,
    approved: bool,
) -> list[tuple[Invoice | None, tuple[str, str] | None, list[str], str, Explainer]]: ...
def explain(id: str) -> tuple[str, str, Literal["fatal", "warning"], str, str] | None: ...
def finish_handing_over() -> None: ...
def from_json(data: dict[str, Any]) -> Invoice: ...
def irn(number: str, service_id: str, issue_date: date) -> str: ...
def parse_ubl(xml: bytes) -> Invoice: ...
def platforms() -> str: ...
def register_template(text: str, name: str) -> str: ...
def rule_ids(ruleset: str) -> list[str]: ...
def rulesets() -> list[str]: ...
def validate(xml: bytes, rulesets: list[str]) -> list[tuple[str, Literal["fatal", "warning"], str, str, str]]: ...
def verify_webhook(
    platform: str,
    method: str,
    url: str,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    secrets: list[str],
    now: datetime | None,
) -> list[tuple[str, str, str | None, str | None, str | None, datetime | None]]: ...
