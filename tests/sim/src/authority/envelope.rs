//! The encrypted envelope of a download: AES-256-CFB, the key is the envelope's `pub` and the API key's first group.

use aws_lc_rs::{
    cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
    iv::FixedLength,
    rand,
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use serde_json::{Value, json};

/// Seals bytes for the holder of an API key; `None`: the API key's first group is not eight characters.
pub(super) fn seal(api_key: &str, text: &[u8]) -> Option<Value> {
    let mut random = [0; 34];
    rand::fill(&mut random).ok()?;
    let (iv, seed) = random.split_first_chunk::<16>()?;
    let public = BASE64_STANDARD.encode(seed);
    let sealed = encrypt(api_key, &public, *iv, text)?;
    let iv_hex: String = iv.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(json!({"iv_hex": iv_hex, "pub": public, "data": BASE64_URL_SAFE.encode(sealed)}))
}

fn encrypt(api_key: &str, public: &str, iv: [u8; 16], text: &[u8]) -> Option<Vec<u8>> {
    let secret = format!("{public}{}", api_key.split('-').next()?);
    let key = UnboundCipherKey::new(&AES_256, secret.as_bytes()).ok()?;
    let mut data = text.to_vec();
    EncryptingKey::cfb128(key)
        .ok()?
        .less_safe_encrypt(&mut data, EncryptionContext::Iv128(FixedLength::from(iv)))
        .ok()?;
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::cipher::{DecryptingKey, DecryptionContext};

    #[test]
    fn the_holder_of_the_api_key_opens_a_download() {
        let api_key = "8d2f6a10-0000-4000-8000-000000000000";
        let sealed = seal(api_key, br#"{"irn":"A-4B7E8E41-20261102"}"#).unwrap();
        let public = sealed["pub"].as_str().unwrap();
        assert_eq!(public.len(), 24);
        let iv: Vec<u8> = (0..16)
            .map(|at| {
                u8::from_str_radix(&sealed["iv_hex"].as_str().unwrap()[at * 2..at * 2 + 2], 16).unwrap()
            })
            .collect();
        let iv: [u8; 16] = iv.try_into().unwrap();
        let mut data = BASE64_URL_SAFE.decode(sealed["data"].as_str().unwrap()).unwrap();
        let key = UnboundCipherKey::new(&AES_256, format!("{public}8d2f6a10").as_bytes()).unwrap();
        let plain = DecryptingKey::cfb128(key)
            .unwrap()
            .decrypt(&mut data, DecryptionContext::Iv128(FixedLength::from(iv)))
            .unwrap();
        assert_eq!(plain, br#"{"irn":"A-4B7E8E41-20261102"}"#);
    }
}
