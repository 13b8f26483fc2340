//! How kinds of events are declared: a payload, a variant and an entry of the list of kinds each.

/// One kind of event as the log names it: for completion, checking of names and documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The name in the log.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// The names of its fields.
    pub fields: &'static [&'static str],
}

macro_rules! events {
    ($($(#[doc = $doc:literal])* $kind:literal $name:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty,)*
    })*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[doc = $field_doc])* pub $field: $ty,)* }

            impl From<$name> for Event {
                fn from(event: $name) -> Self {
                    Self::$name(event)
                }
            }
        )*

        /// Something that happened to one account. New kinds go last: the packed form counts them.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Event {
            $($(#[doc = $doc])* #[serde(rename = $kind)] $name($name),)*
        }

        impl Event {
            /// Every kind of event, in declaration order.
            pub const KINDS: &'static [Kind] = &[$(Kind {
                name: $kind,
                doc: concat!($($doc),*),
                fields: &[$(stringify!($field)),*],
            }),*];

            /// The kind's name in the log.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)* }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::event::{Deleted, Event};
    use crate::name::PhoneId;

    #[test]
    fn kinds_are_named_as_the_log_names_them() {
        let event = Event::from(Deleted { phone: PhoneId::new("p1").unwrap() });
        assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"deleted":{"phone":"p1"}}"#);
        assert_eq!(event.kind(), "deleted");
        let names: std::collections::BTreeSet<_> = Event::KINDS.iter().map(|k| k.name).collect();
        assert_eq!(names.len(), Event::KINDS.len());
    }
}
