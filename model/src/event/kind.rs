//! How kinds of events are declared: their payloads by rooms, and one list of all of them, from which
//! the enum, the list of kinds and what an event is about are made.

use crate::name::{OrderId, PhoneId};

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

/// What an event is about.
#[derive(Clone, Copy, Default)]
pub(super) struct About<'a> {
    pub(super) phones: &'a [PhoneId],
    pub(super) order: Option<&'a OrderId>,
}

impl<'a> About<'a> {
    pub(super) fn of_phones(self, phones: &'a [PhoneId]) -> Self {
        Self { phones, ..self }
    }
    pub(super) fn of_order(self, order: &'a OrderId) -> Self {
        Self { order: Some(order), ..self }
    }
}

/// Declares the payloads of one room, each a record of its own.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])* pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty,)*
    })*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[doc = $field_doc])* pub $field: $ty,)* }

            impl $name {
                pub(super) const DOC: &'static str = concat!($($doc),*);
                pub(super) const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];
                pub(super) fn about(&self) -> $crate::event::kind::About<'_> {
                    let about = $crate::event::kind::About::default();
                    $(let about = about_field!(self, about, $field);)*
                    about
                }
                pub(super) fn order_mut(&mut self) -> Option<&mut $crate::name::OrderId> {
                    order_field!(self; $($field)*)
                }
            }
        )*
    };
}

/// What the fields of a payload say it is about; their names tell.
macro_rules! about_field {
    ($event:ident, $about:ident, phone) => {
        $about.of_phones(std::slice::from_ref(&$event.phone))
    };
    ($event:ident, $about:ident, phones) => {
        $about.of_phones(&$event.phones)
    };
    ($event:ident, $about:ident, about) => {
        $about.of_phones(&$event.about)
    };
    ($event:ident, $about:ident, order) => {
        $about.of_order(&$event.order)
    };
    ($event:ident, $about:ident, $other:ident) => {
        $about
    };
}

macro_rules! order_field {
    ($event:ident;) => {
        None
    };
    ($event:ident; order $($rest:ident)*) => {
        Some(&mut $event.order)
    };
    ($event:ident; $other:ident $($rest:ident)*) => {
        order_field!($event; $($rest)*)
    };
}

/// Declares the kinds, each with its name in the log, of payloads declared elsewhere.
macro_rules! events {
    ($($kind:literal $name:ident,)*) => {
        $(
            impl From<$name> for Event {
                fn from(event: $name) -> Self {
                    Self::$name(event)
                }
            }
        )*

        /// Something that happened to one account. New kinds go last: the packed form counts them.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Event {
            $(#[doc = concat!("`", $kind, "`.")] #[serde(rename = $kind)] $name($name),)*
        }

        impl Event {
            /// Every kind of event, in declaration order.
            pub const KINDS: &'static [Kind] =
                &[$(Kind { name: $kind, doc: $name::DOC, fields: $name::FIELDS }),*];

            /// The kind's name in the log.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)* }
            }

            /// The phones that the event is about.
            pub fn phones(&self) -> &[PhoneId] {
                match self { $(Self::$name(e) => e.about().phones,)* }
            }

            /// The order that the event is about.
            pub fn order(&self) -> Option<&OrderId> {
                match self { $(Self::$name(e) => e.about().order,)* }
            }

            /// The same event about an order of another name; unchanged if it is about none.
            #[must_use]
            pub fn with_order(mut self, id: OrderId) -> Self {
                let order = match &mut self { $(Self::$name(e) => e.order_mut(),)* };
                if let Some(order) = order {
                    *order = id;
                }
                self
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
