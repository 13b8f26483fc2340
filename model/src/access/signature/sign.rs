//! The signer, in the manner of each official client: what they send is what a verifier has to accept.

use super::algorithm::{Algorithm, Scope, SigningKey, hex};
use super::canonical::{
    HeaderOrder, Pair, PathReading, QueryOrder, query_text, request_text, text_to_sign,
};
use super::key::Credential;
use super::verify::UNSIGNED_PAYLOAD;
use crate::time::SimTime;

/// The official clients, which differ in what they sign (A6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// Signs every header without an underscore, and declares bodies that are not JSON as unsigned.
    Python,
    /// Leaves the content type unsigned as well, orders queries by the escaped key and escapes paths twice.
    Java,
    /// Signs every header but the content type of forms in parts, and escapes paths twice.
    Node,
}

/// A call that is to be signed. `Host`, `X-Sdk-Date` and, for a temporary key, `X-Security-Token` are
/// added by the signer.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The method.
    pub method: &'a str,
    /// The host, with its port where it is not the usual one.
    pub host: &'a str,
    /// The path as it goes into the target, escapes and all.
    pub path: &'a str,
    /// Keys and values of the query, without escapes.
    pub query: &'a [(&'a str, &'a str)],
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
    /// The date of the call.
    pub at: SimTime,
}

/// How to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme<'a> {
    /// [`Algorithm::Sha256`].
    Sha256,
    /// [`Algorithm::Sm3`].
    Sm3,
    /// [`Algorithm::Derived`].
    Derived {
        /// The region that the key is for.
        region: &'a str,
        /// The service that the key is for.
        service: &'a str,
    },
}

impl Scheme<'_> {
    const fn algorithm(self) -> Algorithm {
        match self {
            Self::Sha256 => Algorithm::Sha256,
            Self::Sm3 => Algorithm::Sm3,
            Self::Derived { .. } => Algorithm::Derived,
        }
    }
    fn scope(self, date: &str) -> Option<Scope> {
        let Self::Derived { region, service } = self else { return None };
        let day = date.chars().take_while(|c| *c != 'T').collect();
        Some(Scope { day, region: region.to_owned(), service: service.to_owned() })
    }
}

/// A signed call, ready to be sent. It is not printed: its headers may hold a token.
pub struct Signed {
    /// Path and query.
    pub target: String,
    /// All headers with the bytes of their values; `Authorization` is the last.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The value of `Authorization`.
    pub authorization: String,
    /// The canonical request (A6.2).
    pub canonical_request: String,
    /// What was signed (A6.3).
    pub text_to_sign: String,
}

/// Signs `call` as `client` does (A6.1 to A6.3, A6.5, A6.6, A6.13, A6.14).
pub fn sign(
    call: &Call<'_>,
    scheme: Scheme<'_>,
    credential: &Credential,
    client: Client,
) -> Signed {
    let algorithm = scheme.algorithm();
    let date = call.at.basic_utc();
    let headers = client.headers(call, algorithm, credential, &date);
    let signed = client.signed(&headers);
    let names = signed.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let signed: Vec<(&str, &[u8])> =
        signed.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let lines = client.header_order().canonical(&signed);

    let bytes = |(key, value): &(&str, &str)| (key.as_bytes().to_vec(), value.as_bytes().to_vec());
    let pairs: Vec<Pair> = call.query.iter().map(bytes).collect();
    let query = client.query_order().canonical(&pairs);
    let hash = client.body_hash(algorithm, &headers, call.body);
    let method = call.method.to_ascii_uppercase();
    let request = request_text(&method, [&client.path(call.path), &query], &lines, &names, &hash);

    let scope = scheme.scope(&date);
    let text_to_sign = text_to_sign(algorithm, &date, scope.as_ref(), &request);
    let key = SigningKey::new(algorithm, credential, scope.as_ref());
    let signature = hex(&key.sign(text_to_sign.as_bytes()));
    let holder = match &scope {
        None => format!("Access={}", credential.key),
        Some(scope) => format!("Credential={}/{scope}", credential.key),
    };
    let authorization =
        format!("{} {holder}, SignedHeaders={names}, Signature={signature}", algorithm.name());
    let sent_query = if client == Client::Python { query } else { query_text(&pairs) };
    let question = if sent_query.is_empty() { "" } else { "?" };
    let mut headers = headers;
    headers.push(("Authorization".to_owned(), authorization.clone().into_bytes()));
    Signed {
        target: format!("{}{question}{sent_query}", call.path),
        headers,
        authorization,
        canonical_request: String::from_utf8_lossy(&request).into_owned(),
        text_to_sign,
    }
}

/// Names and values of headers as they are sent.
type Headers = Vec<(String, Vec<u8>)>;

impl Client {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Python, Self::Java, Self::Node];

    fn headers(
        self,
        call: &Call<'_>,
        algorithm: Algorithm,
        credential: &Credential,
        date: &str,
    ) -> Headers {
        let value =
            |text: &str| if self == Self::Python { text.trim() } else { text }.as_bytes().to_vec();
        let mut headers: Headers =
            call.headers.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect();
        let add = [("Host", call.host), ("X-Sdk-Date", date)];
        headers.extend(add.map(|(name, text)| (name.to_owned(), value(text))));
        if let Some(token) = &credential.token {
            headers.push(("X-Security-Token".to_owned(), token.expose().to_vec()));
        }
        // It looks for one spelling of the name, and for the two beginnings of the value.
        let is_unsigned = |(name, text): &(&str, &str)| {
            let known = ["application/json", "application/bson"];
            *name == "Content-Type"
                && !text.is_empty()
                && !known.iter().any(|start| text.starts_with(start))
        };
        if self == Self::Python && call.headers.iter().any(is_unsigned) {
            let name = algorithm.content_header();
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            headers.push((name.to_owned(), UNSIGNED_PAYLOAD.into()));
        }
        headers
    }

    /// The headers that are signed: names in small letters, sorted.
    fn signed(self, headers: &Headers) -> Vec<(String, &[u8])> {
        let signs = |name: &str, value: &[u8]| match self {
            Self::Python => !name.contains('_'),
            Self::Java => !name.contains('_') && name != "content-type",
            Self::Node => {
                let parts = b"multipart/form-data";
                name != "content-type" || !value.windows(parts.len()).any(|window| window == parts)
            }
        };
        let mut signed: Vec<(String, &[u8])> = headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.as_slice()))
            .filter(|(name, value)| signs(name, value))
            .collect();
        signed.sort();
        signed
    }

    const fn query_order(self) -> QueryOrder {
        match self {
            Self::Python => QueryOrder::RawKeys,
            Self::Java => QueryOrder::EscapedKeys,
            Self::Node => QueryOrder::Utf16Keys,
        }
    }

    const fn header_order(self) -> HeaderOrder {
        match self {
            Self::Python | Self::Java => HeaderOrder::Listed,
            Self::Node => HeaderOrder::Collated,
        }
    }

    fn path(self, path: &str) -> String {
        match self {
            Self::Python => PathReading::Decoded.canonical(path.as_bytes()),
            // It drops all empty segments at the end.
            Self::Java => PathReading::AsItStands.canonical(path.trim_end_matches('/').as_bytes()),
            Self::Node => PathReading::AsItStands.canonical(path.as_bytes()),
        }
    }

    fn body_hash(self, algorithm: Algorithm, headers: &Headers, body: &[u8]) -> String {
        let name = algorithm.content_header();
        let declared = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        match declared {
            Some((_, value)) if !(self == Self::Python && body.is_empty()) => {
                String::from_utf8_lossy(value).into_owned()
            }
            _ => hex(&algorithm.hash(body)),
        }
    }
}
