//! One declaration for struct, reader, diagnostics and schema.

/// Declares a document: a mapping with fixed keys.
///
/// A field of type `Option` may be missing. A last field `..name: Choice` takes the one key of a
/// [`Choice`](crate::read::Choice). After the struct stand rules over its keys.
#[macro_export]
macro_rules! document {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident ($what:literal) {
            $( $(#[doc = $field_doc:literal])* $field:ident : $type:ty, )*
            $( .. $(#[doc = $choice_doc:literal])* $choice:ident : $choice_type:ty, )?
        }
        $( $rule:ident [ $($key:literal),+ ]; )*
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            /// The whole mapping.
            pub span: $crate::span::Span,
            /// What to underline when the mapping as a whole is meant.
            pub head: $crate::span::Span,
            $( $(#[doc = $field_doc])* pub $field: $type, )*
            $( $(#[doc = $choice_doc])* pub $choice: $choice_type, )?
        }

        impl $name {
            /// The fixed keys.
            pub const KEYS: &'static [&'static str] =
                &[$( $crate::read::key_name(stringify!($field)), )*];
            const RULES: &'static [$crate::read::KeyRule] =
                &[$( $crate::read::KeyRule::$rule(&[$($key),+]), )*];
        }

        impl $crate::read::Read for $name {
            fn read(
                node: &$crate::syntax::Node,
                out: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                let keys = [
                    Self::KEYS,
                    $( <$choice_type as $crate::read::Choice>::KEYS, )?
                ];
                let fields = $crate::read::Fields::open(node, $what, &keys, out)?;
                $( let $field = fields.take($crate::read::key_name(stringify!($field)), out); )*
                $( let $choice = fields.choose::<$choice_type>(out); )?
                let good = fields.check(Self::RULES, out);
                let document = Self {
                    span: node.span,
                    head: node.head,
                    $( $field: $field?, )*
                    $( $choice: $choice?, )?
                };
                good.then_some(document)
            }

            fn schema(definitions: &mut $crate::read::Definitions) -> serde_json::Value {
                definitions.reference(stringify!($name), |definitions| {
                    let mut object = $crate::read::ObjectSchema::new(concat!($($doc),*));
                    $( object.field::<$type>(
                        $crate::read::key_name(stringify!($field)),
                        concat!($($field_doc),*),
                        definitions,
                    ); )*
                    $( object.choice::<$choice_type>(definitions); )?
                    object.finish(Self::RULES)
                })
            }
        }
    };
}

/// Declares a [`Choice`](crate::read::Choice): keys, each with a document of its own.
#[macro_export]
macro_rules! choice {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident ($what:literal) {
            $( $(#[doc = $variant_doc:literal])* $variant:ident($type:ty) = $key:literal, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[doc = $variant_doc])* $variant($type), )*
        }

        impl $crate::read::Choice for $name {
            const KEYS: &'static [&'static str] = &[$($key),*];
            const WHAT: &'static str = $what;
            fn read_entry(
                key: &str,
                node: &$crate::syntax::Node,
                out: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                match key {
                    $( $key => <$type as $crate::read::Read>::read(node, out).map(Self::$variant), )*
                    _ => None,
                }
            }
            fn properties(
                definitions: &mut $crate::read::Definitions,
            ) -> Vec<(&'static str, serde_json::Value)> {
                vec![$( (
                    $key,
                    $crate::read::described(
                        <$type as $crate::read::Read>::schema(definitions),
                        concat!($($variant_doc),*),
                    ),
                ), )*]
            }
        }
    };
}

/// Declares a value that is one of a fixed list of words.
#[macro_export]
macro_rules! words {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident ($what:literal) {
            $( $(#[doc = $variant_doc:literal])* $variant:ident = $word:literal, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $( $(#[doc = $variant_doc])* $variant, )*
        }

        impl $name {
            /// The words, in the order of declaration.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
            /// The word.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl $crate::read::FromText for $name {
            const WHAT: &'static str = $what;
            const PART: &'static str = stringify!($name);
            fn from_text(text: &str) -> Result<Self, $crate::read::Wrong> {
                match text {
                    $( $word => Ok(Self::$variant), )*
                    _ => Err($crate::read::unknown_word(text, $what, Self::WORDS)),
                }
            }
            fn part() -> serde_json::Value {
                $crate::read::words_schema(concat!($($doc),*), Self::WORDS)
            }
        }
    };
}
