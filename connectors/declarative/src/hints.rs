//! What to write where a template lacks a name that it needs.

use std::borrow::Cow;

/// Names that are needed somewhere, each with how it is written.
const NEEDED: [(&str, &str); 27] = [
    ("version", "version = 1"),
    ("id", "id = \"acme\""),
    ("name", "name = \"Acme\""),
    ("family", "family = \"crm\" for deals, \"pos\" for a till"),
    ("base_url", "base_url = \"https://api.acme.example/\", where the API is"),
    ("limits", "[limits] with calls = 10, how many calls a second the platform takes"),
    ("calls", "calls = 10, how many calls in `seconds` the platform takes"),
    ("auth", "[auth.oauth], [auth.key] or auth.bearer = true, how a connection proves who it is"),
    ("authorize", "authorize = \"https://…\", where the account's owner consents"),
    ("token", "token = \"https://…\", where codes are exchanged"),
    ("minutes", "minutes = 60, how long a token lives where its answer does not say"),
    ("header", "header = \"x-acme-key\", the header that carries it"),
    (
        "check",
        "[check] with get = \"v1/me\", the cheapest call; inside webhook.guide the sentence how a person tries it",
    ),
    ("record", "[record] with root and currency, how a record is laid out"),
    ("root", "root = \"deal\", the member that is the sale"),
    ("currency", "currency = \"deal.currency\", where the sale's currency is"),
    ("fetch", "[fetch] with get = \"v1/deals/{id}\", the call for one record"),
    ("map", "[map.sale] and [map.item], which field is what"),
    ("get", "get = \"v1/deals\", the path of the call below the base URL"),
    ("records", "records = \"data\", where the answer has the list; \"\" where it is the list"),
    ("list", "a table list with get and records, the call that gives it"),
    ("stages", "[pipelines.stages] with inside or list"),
    ("verify", "verify = { by = \"hmac\", … }, or by basic, header or path"),
    ("event", "[webhook.event] with kind and record"),
    (
        "guide",
        "[webhook.guide] with before, steps, events, secret and check: how a person sets the webhook up",
    ),
    ("parameter", "parameter = \"page\", by which the next page is asked for"),
    ("next", "next = \"more.cursor\", where the answer says how it goes on"),
];

/// A message of the TOML reader, with what to write where a name is missing.
pub(crate) fn with_hint(message: &str) -> Cow<'_, str> {
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let Some(missing) = missing else { return Cow::Borrowed(message) };
    let known = NEEDED.iter().find(|(name, _)| *name == missing);
    known.map_or(Cow::Borrowed(message), |(name, how)| {
        Cow::Owned(format!("{name} is missing here: write {how}"))
    })
}
