//! Sealed values: nothing opens that was not sealed.

use super::{halves, is_readable};
use chrono::DateTime;
use std::{sync::LazyLock, time::Duration};
use taxpoynt_core::Vault;

const CONTEXT: &str = "connection:7:credentials";

/// A vault of this process, one of its sealed values, and one under its older key.
static SEALED: LazyLock<(Vault, [String; 2])> = LazyLock::new(|| {
    let (new, old) = (Vault::generate_key(), Vault::generate_key());
    let now = DateTime::from_timestamp(1_763_690_400, 0).expect("a time");
    let seal = |key: &str| {
        Vault::new(&[key]).and_then(|vault| vault.seal(&"secret", CONTEXT, now)).expect("a sealed value")
    };
    let both = [seal(&new), seal(&old)];
    (Vault::new(&[&new, &old]).expect("two keys"), both)
});

/// Arbitrary text never opens; a sealed value with pieces of the input put into it opens only where nothing changed.
pub(crate) fn fernet(bytes: &[u8]) {
    let (vault, sealed) = &*SEALED;
    let (first, second) = halves(bytes);
    let text = String::from_utf8_lossy(first);
    refuses(vault, &text);
    if let Err(error) = Vault::new(&[&text]) {
        is_readable(&error);
    }
    let Some(([at, length], piece)) = second.split_first_chunk::<2>() else { return };
    for sealed in sealed {
        let mut changed = sealed.clone().into_bytes();
        let at = usize::from(*at) % changed.len();
        let end = (at + usize::from(*length)).min(changed.len());
        changed.splice(at..end, piece.iter().copied());
        let changed = String::from_utf8_lossy(&changed);
        // Padding is no content: how many `=` there are changes nothing.
        if changed.trim_end_matches('=') != sealed.trim_end_matches('=') {
            refuses(vault, &changed);
        }
    }
}

fn refuses(vault: &Vault, token: &str) {
    let now = DateTime::from_timestamp(1_763_690_400, 0).expect("a time");
    is_readable(&vault.open::<String>(token, CONTEXT).expect_err("nobody has sealed this"));
    let minute = Duration::from_secs(60);
    is_readable(
        &vault.open_within::<String>(token, CONTEXT, minute, now).expect_err("nobody has sealed this"),
    );
    is_readable(&vault.rotate(token).expect_err("nobody has sealed this"));
    assert_eq!(vault.key_of(token), None);
}
