//! Who made a file: Ed25519 signatures of its bytes as they are, beside it as `FILE.sig`.
//!
//! In: bytes and keys in files. Out: a signature of 64 bytes; or whether one is that of a key. Nothing here is of Lexport's own making: the signature is
//! that of RFC 8032 over the whole file, keys are PEM as RFC 8410 has them, so that OpenSSL and every library of cryptography can make and check both
//! (`docs/trust.md`).

mod file;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, KeypairBytes, spki::DecodePublicKey as _,
};
use ed25519_dalek::{SIGNATURE_LENGTH, Signature, Signer as _, SigningKey, VerifyingKey};

pub use file::{beside, public_beside};

/// A key that signs. It is forgotten (overwritten in memory) when it is no longer used, and has no form that could be printed.
pub struct PrivateKey(SigningKey);

/// A key that checks signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why a key cannot be used or made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Its file cannot be read or written.
    File(String),
    /// Others than its owner can read it.
    Open,
    /// The other half of a pair: here the private one is given.
    Private,
    /// Here the public one is given.
    Public,
    /// It is protected by a passphrase.
    Locked,
    /// It is no Ed25519 key in PEM.
    Other,
    /// Something stands already where it is to be written.
    Taken(String),
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyError::File(why) => f.write_str(why),
            KeyError::Open => f.write_str("others can read it, so anybody may have signed with it"),
            KeyError::Private => f.write_str("it is a private key; the public one is needed here"),
            KeyError::Public => f.write_str("it is a public key; the private one is needed here"),
            KeyError::Locked => f.write_str("it is protected by a passphrase"),
            KeyError::Other => f.write_str("it is no Ed25519 key in PEM"),
            KeyError::Taken(path) => write!(f, "`{path}` is there already, and no key is overwritten"),
        }
    }
}

impl std::error::Error for KeyError {}

/// Why a signature is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// It has so many bytes.
    Length(u64),
    /// It is not that of these bytes by this key.
    Wrong,
}

impl std::fmt::Display for SignatureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SignatureError::Length(length) => write!(f, "a signature has {SIGNATURE_LENGTH} bytes, and this one {length}"),
            SignatureError::Wrong => {
                f.write_str("it was made with another key or for other bytes, or one of them was altered since")
            }
        }
    }
}

impl std::error::Error for SignatureError {}

impl PrivateKey {
    /// A new key, of the system's randomness.
    ///
    /// # Errors
    /// If the system gives none.
    pub fn generate() -> Result<PrivateKey, KeyError> {
        let mut seed = ed25519_dalek::SecretKey::default();
        getrandom::fill(&mut seed).map_err(|error| KeyError::File(error.to_string()))?;
        let key = SigningKey::from_bytes(&seed);
        seed.fill(0);
        Ok(PrivateKey(key))
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The signature of bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        self.0.sign(bytes).to_bytes()
    }

    fn of_pem(text: &str) -> Result<PrivateKey, KeyError> {
        match SigningKey::from_pkcs8_pem(text.trim()) {
            Ok(key) => Ok(PrivateKey(key)),
            Err(_) if text.contains("ENCRYPTED PRIVATE KEY") => Err(KeyError::Locked),
            Err(_) if PublicKey::of_pem(text).is_ok() => Err(KeyError::Public),
            Err(_) => Err(KeyError::Other),
        }
    }

    /// PKCS #8 without the public half, which OpenSSL before 3.5 does not read.
    fn pem(&self) -> Result<impl std::ops::Deref<Target = String>, KeyError> {
        let pair = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        pair.to_pkcs8_pem(LineEnding::LF).map_err(|error| KeyError::File(error.to_string()))
    }
}

impl PublicKey {
    /// Whether a signature is that of bytes.
    ///
    /// # Errors
    /// [`SignatureError`]. Keys and signatures with which one signature would fit several messages are refused too.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let signature = Signature::from_slice(signature).map_err(|_| SignatureError::Length(signature.len() as u64))?;
        self.0.verify_strict(bytes, &signature).map_err(|_| SignatureError::Wrong)
    }

    /// The key itself in hexadecimal, as `openssl pkey -text` shows it.
    pub fn name(&self) -> String {
        self.0.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn of_pem(text: &str) -> Result<PublicKey, KeyError> {
        match VerifyingKey::from_public_key_pem(text.trim()) {
            Ok(key) => Ok(PublicKey(key)),
            Err(_) if text.contains("PRIVATE KEY-----") => Err(KeyError::Private),
            Err(_) => Err(KeyError::Other),
        }
    }

    fn pem(&self) -> Result<String, KeyError> {
        self.0.to_public_key_pem(LineEnding::LF).map_err(|error| KeyError::File(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first test of RFC 8032, 7.1: the empty message.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let byte = |text: &str, at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        let bytes = |text: &str| (0..text.len()).step_by(2).map(|at| byte(text, at)).collect::<Vec<u8>>();
        let seed = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = PrivateKey(SigningKey::from_bytes(&seed.try_into().unwrap()));
        assert_eq!(key.public().name(), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let signature = key.sign(b"");
        let expected = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        assert_eq!(signature.to_vec(), bytes(expected));
        assert_eq!(key.public().verify(b"", &signature), Ok(()));
        assert_eq!(key.public().verify(b"x", &signature), Err(SignatureError::Wrong));
        assert_eq!(key.public().verify(b"", &signature[..63]), Err(SignatureError::Length(63)));
        for at in 0..64 {
            let mut altered = signature;
            altered[at] ^= 1;
            assert_eq!(key.public().verify(b"", &altered), Err(SignatureError::Wrong));
        }
    }

    #[test]
    fn keys_are_read_back() {
        let key = PrivateKey::generate().unwrap();
        let (private, public) = (key.pem().unwrap().clone(), key.public().pem().unwrap());
        assert_eq!(PrivateKey::of_pem(&private).map(|key| key.public()), Ok(key.public()));
        assert_eq!(PublicKey::of_pem(&public), Ok(key.public()));
        assert_eq!(PublicKey::of_pem(&private), Err(KeyError::Private));
        assert_eq!(PrivateKey::of_pem(&public).map(|key| key.public()), Err(KeyError::Public));
        assert_eq!(PublicKey::of_pem("hello"), Err(KeyError::Other));
        assert_ne!(PrivateKey::generate().unwrap().public(), key.public());
    }

    /// A point of small order, with which one signature fits many messages.
    #[test]
    fn weak_keys_sign_nothing() {
        let mut one = [0; 32];
        one[0] = 1;
        let Ok(weak) = VerifyingKey::from_bytes(&one) else { return };
        let mut signature = [0; 64];
        signature[0] = 1;
        assert_eq!(PublicKey(weak).verify(b"anything", &signature), Err(SignatureError::Wrong));
    }
}
