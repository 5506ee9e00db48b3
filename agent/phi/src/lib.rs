//! Protected health information as a type.
//!
//! [`Phi<T>`] and the newtypes here hold what came out of an image header. None of them can be printed,
//! serialised, dereferenced or borrowed as text; the only way out is `expose`, which names its [`Purpose`],
//! so that one search lists every place where a value comes out. This room parses no images and stores nothing.

mod header;
mod uid;
mod wildcard;

pub use header::{HeaderText, InvalidHeaderText, PatientId};
pub use uid::{InstanceUid, InvalidUid, SeriesUid, StudyUid};
pub use wildcard::like;

/// Why a protected value is looked at. The list is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To keep it, encrypted, in the site's own archive, or to look it up there.
    Store,
    /// To show it to a person of the hospital who may see it.
    HospitalScreen,
    /// To answer a DICOM or DICOMweb peer inside the hospital.
    DicomPeer,
    /// To take it out of an image.
    DeIdentify,
}

/// A protected value.
///
/// ```
/// use agent_phi::{Phi, Purpose};
/// let name = Phi::new(String::from("Doe^Jane"));
/// assert_eq!(format!("{name:?}"), "Phi(..)");
/// assert_eq!(name.expose(Purpose::HospitalScreen), "Doe^Jane");
/// ```
///
/// It has no `Display`:
/// ```compile_fail,E0277
/// println!("{}", agent_phi::Phi::new(1));
/// ```
/// no `Deref`:
/// ```compile_fail,E0614
/// let text = *agent_phi::Phi::new(1_u8);
/// ```
/// no `AsRef`:
/// ```compile_fail,E0599
/// let name = agent_phi::Phi::new(String::new());
/// let text: &str = name.as_ref();
/// ```
/// and no serde:
/// ```compile_fail,E0277
/// fn stored<T: serde::Serialize>(_: T) {}
/// stored(agent_phi::Phi::new(1_u8));
/// ```
/// ```compile_fail,E0277
/// fn read<'a, T: serde::Deserialize<'a>>() {}
/// read::<agent_phi::Phi<u8>>();
/// ```
#[derive(Clone)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Puts a value under protection.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for a purpose.
    pub const fn expose(&self, _purpose: Purpose) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phi(..)")
    }
}

/// A protected text type: private text, a Debug that shows nothing of it, and `expose`.
macro_rules! protected_text {
    ($(#[$doc:meta])* $name:ident, $invalid:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes a text that was read from outside.
            ///
            /// # Errors
            /// When it has no such form; the error tells nothing of the text.
            pub fn new(text: impl Into<String>) -> Result<Self, $invalid> {
                let text = text.into();
                $check(&text)?;
                Ok(Self(text))
            }

            /// The text, for a purpose.
            pub fn expose(&self, _purpose: $crate::Purpose) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}
pub(crate) use protected_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_any_value() {
        let canary = "4711";
        let shown = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            Phi::new(canary),
            StudyUid::new("1.4711").expect("a uid"),
            SeriesUid::new("1.4711").expect("a uid"),
            InstanceUid::new("1.4711").expect("a uid"),
            PatientId::new(canary).expect("a patient id"),
            HeaderText::new(canary).expect("a text"),
        );
        assert!(!shown.contains(canary));
    }
}
