//! Closed enumerations with the numbers of the wire schema and one name each.

/// Declares an enumeration whose values have a fixed number and name. Numbers are those of the
/// `.proto` files; zero is never used, so an unset field is never a value.
macro_rules! closed_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $variant:ident = $code:literal $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$value_doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number of the wire schema and of stored records.
            pub const fn code(self) -> u32 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The value of a number, if it is one.
            pub fn from_code(code: u32) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The name for people and programs outside.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value of a name, if it is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(crate) use closed_enum;
