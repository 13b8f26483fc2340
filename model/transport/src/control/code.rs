//! Small closed sets that are one byte each.

/// An enum whose variants are written as one byte.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        $name:ident, $what:literal: $( $(#[$variant_meta:meta])* $variant:ident = $code:literal ),+ $(,)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $( $(#[$variant_meta])* $variant ),+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$( Self::$variant ),+];

            /// The byte that is written.
            pub const fn code(self) -> u8 {
                match self { $( Self::$variant => $code ),+ }
            }
            pub(crate) fn read(
                cursor: &mut $crate::wire::Cursor<'_>,
            ) -> Result<Self, $crate::wire::Malformed> {
                match cursor.u8()? {
                    $( $code => Ok(Self::$variant), )+
                    code => Err(cursor.fail_before(1, $crate::wire::Found::Value {
                        what: $what,
                        value: u64::from(code),
                    })),
                }
            }
        }
    };
}
pub(crate) use codes;
