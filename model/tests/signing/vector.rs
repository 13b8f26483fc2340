//! The file of known signatures.

use crate::received::{Received, Server};
use koosim_model::access::signature::{
    AccessKey, Call, Client, Credential, Scheme, Secret, Signed, sign,
};
use koosim_model::time::SimTime;
use serde_json::Value;

/// Who made a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// The official Python signer, run on fixed inputs.
    Signer,
    /// The official Node signer, run on fixed inputs.
    NodeSigner,
    /// The unit tests of the vendor's Java client.
    JavaTests,
}

/// One known signature.
pub(crate) struct Vector {
    pub(crate) maker: Maker,
    json: Value,
}

/// Headers that the vendor's Java tests send and do not sign.
const UNSIGNED_BY_JAVA: [(&str, &str); 2] =
    [("Content-Type", "application/json"), ("TEST_UNDERSCORE", "TEST_VALUE")];

fn file() -> Value {
    serde_json::from_str(include_str!("../../vectors/request-signing.json")).unwrap()
}

fn node_file() -> Value {
    serde_json::from_str(include_str!("../../vectors/request-signing-node.json")).unwrap()
}

/// Every known signature.
pub(crate) fn all() -> Vec<Vector> {
    let of = |file: &Value, pointer: &str, maker: Maker| -> Vec<Vector> {
        let list = file.pointer(pointer).unwrap().as_array().unwrap();
        list.iter().map(|json| Vector { maker, json: json.clone() }).collect()
    };
    let mut all = of(&file(), "/vectors", Maker::Signer);
    all.extend(of(&node_file(), "/vectors", Maker::NodeSigner));
    all.extend(of(&file(), "/published_vectors/vectors", Maker::JavaTests));
    all
}

/// The example of the guide, whose secret key is masked.
pub(crate) fn documentation_example() -> Value {
    file()["documentation_example"].clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// A text of the file as it is on the wire: one byte a character.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |b: &u8| match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        other => panic!("{other} is not expected here"),
    };
    let digits: Vec<u8> = text.trim_end_matches('=').as_bytes().iter().map(digit).collect();
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for value in digits {
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    bytes
}

impl Vector {
    pub(crate) fn name(&self) -> &str {
        text(&self.json["name"])
    }
    pub(crate) fn note(&self) -> &str {
        self.json["note"].as_str().unwrap_or_default()
    }
    pub(crate) fn algorithm(&self) -> &str {
        text(&self.json["algorithm"])
    }
    pub(crate) fn expected(&self, field: &str) -> &str {
        text(&self.json["expected"][field])
    }
    pub(crate) fn method(&self) -> &str {
        text(&self.json["input"]["method"])
    }
    fn scheme(&self) -> Scheme<'_> {
        match self.algorithm() {
            "SDK-HMAC-SHA256" => Scheme::Sha256,
            "SDK-HMAC-SM3" => Scheme::Sm3,
            "V11-HMAC-SHA256" => {
                let derived = &self.json["derived"];
                let (region, service) = (text(&derived["region_id"]), text(&derived["service"]));
                Scheme::Derived { region, service }
            }
            other => panic!("{other}"),
        }
    }
    fn headers(&self) -> Vec<(&str, &str)> {
        let field = match self.maker {
            Maker::Signer | Maker::NodeSigner => "headers",
            Maker::JavaTests => "signed_headers_and_values",
        };
        let headers = self.json["input"][field].as_object().unwrap();
        headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect()
    }
    fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .into_iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
    pub(crate) fn now(&self) -> SimTime {
        SimTime::parse_basic_utc(self.header("x-sdk-date").unwrap()).unwrap()
    }
    pub(crate) fn credential(&self) -> Credential {
        let key = AccessKey::new(text(&self.json["ak"])).unwrap();
        let secret = Secret::new(text(&self.json["sk"]));
        match self.header("x-security-token") {
            None => Credential::permanent(key, secret),
            Some(token) => Credential::temporary(key, secret, Secret::new(token)),
        }
    }
    pub(crate) fn body(&self) -> Vec<u8> {
        let input = &self.json["input"];
        input["body_base64"]
            .as_str()
            .map_or_else(|| input["body_utf8"].as_str().unwrap_or_default().into(), base64)
    }
    fn query(&self) -> Vec<(&str, &str)> {
        let mut query = Vec::new();
        for pair in self.json["input"]["query"].as_array().unwrap() {
            let (key, value) = (text(&pair[0]), &pair[1]);
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            query.extend(values.iter().map(|value| (key, text(value))));
        }
        query
    }
    /// The input, signed.
    pub(crate) fn sign(&self) -> Signed {
        let added = ["host", "x-sdk-date", "x-security-token"];
        let mut headers = self.headers();
        headers.retain(|(name, _)| !added.contains(&name.to_ascii_lowercase().as_str()));
        let client = match self.maker {
            Maker::Signer => Client::Python,
            Maker::NodeSigner => Client::Node,
            Maker::JavaTests => {
                headers.extend(UNSIGNED_BY_JAVA);
                Client::Java
            }
        };
        let input = &self.json["input"];
        let call = Call {
            method: self.method(),
            host: self.header("host").unwrap_or_else(|| text(&input["host"])),
            path: text(&input["path"]),
            query: &self.query(),
            headers: &headers,
            body: &self.body(),
            at: self.now(),
        };
        sign(&call, self.scheme(), &self.credential(), client)
    }
    /// The headers that go on the wire, without `Authorization`.
    pub(crate) fn sent_headers(&self) -> Vec<(String, Vec<u8>)> {
        match self.maker {
            Maker::Signer | Maker::NodeSigner => {
                let sent = self.json["expected"]["headers_after"].as_object().unwrap();
                sent.iter().map(|(name, value)| (name.clone(), latin(text(value)))).collect()
            }
            Maker::JavaTests => {
                let sent = self.headers().into_iter().chain(UNSIGNED_BY_JAVA);
                sent.map(|(name, value)| (name.to_owned(), value.into())).collect()
            }
        }
    }
    fn target(&self) -> String {
        if self.maker != Maker::JavaTests {
            return self.expected("request_target").to_owned();
        }
        let pairs: Vec<String> =
            self.query().iter().map(|(key, value)| format!("{key}={value}")).collect();
        let question = if pairs.is_empty() { "" } else { "?" };
        format!("{}{question}{}", text(&self.json["input"]["path"]), pairs.join("&"))
    }
    /// The call as the file says that it is sent: nothing of it comes from the signer under test.
    pub(crate) fn received(&self) -> Received {
        let bytes = |(name, value): (String, Vec<u8>)| (name.into_bytes(), value);
        let mut headers: Vec<_> = self.sent_headers().into_iter().map(bytes).collect();
        headers.push((b"Authorization".into(), self.expected("authorization").into()));
        let (method, target) = (self.method().into(), self.target().into_bytes());
        Received { method, target, headers, body: self.body() }
    }
    pub(crate) fn server(&self) -> Server {
        Server::new(&self.credential(), &[])
    }
}
