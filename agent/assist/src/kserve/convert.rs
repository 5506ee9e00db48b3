//! Elements of tensors: data types of the protocol, to little-endian bytes and back.

use half::f16;

use crate::error::AssistError;

const CANNOT_HOLD: AssistError =
    AssistError::Tensors { what: "the image has values that the model's data type cannot hold" };

/// The data types that are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DataType {
    Bool,
    Int { bytes: usize },
    Uint { bytes: usize },
    Float { bytes: usize },
}

impl DataType {
    /// # Errors
    /// `Tensors` for texts and for what the protocol does not know.
    pub(super) fn from_name(name: &str) -> Result<Self, AssistError> {
        Ok(match name {
            "BOOL" => Self::Bool,
            "INT8" => Self::Int { bytes: 1 },
            "INT16" => Self::Int { bytes: 2 },
            "INT32" => Self::Int { bytes: 4 },
            "INT64" => Self::Int { bytes: 8 },
            "UINT8" => Self::Uint { bytes: 1 },
            "UINT16" => Self::Uint { bytes: 2 },
            "UINT32" => Self::Uint { bytes: 4 },
            "UINT64" => Self::Uint { bytes: 8 },
            "FP16" => Self::Float { bytes: 2 },
            "FP32" => Self::Float { bytes: 4 },
            "FP64" => Self::Float { bytes: 8 },
            _ => return Err(AssistError::Tensors { what: "a tensor's data type is no number" }),
        })
    }

    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Int { bytes } | Self::Uint { bytes } | Self::Float { bytes } => bytes,
        }
    }

    pub(super) const fn float(self) -> bool {
        matches!(self, Self::Float { .. })
    }

    /// # Errors
    /// `Tensors` for a value that the type cannot hold. Floats are rounded to the type's precision.
    pub(super) fn encode(self, values: impl Iterator<Item = f64>) -> Result<Vec<u8>, AssistError> {
        let mut out = Vec::with_capacity(values.size_hint().0.saturating_mul(self.bytes()));
        for value in values {
            match self {
                Self::Float { bytes: 2 } => {
                    let narrow = f16::from_f64(value);
                    if value.is_finite() && !narrow.is_finite() {
                        return Err(CANNOT_HOLD);
                    }
                    out.extend_from_slice(&narrow.to_le_bytes());
                }
                Self::Float { bytes: 4 } => out.extend_from_slice(&(value as f32).to_le_bytes()),
                Self::Float { .. } => out.extend_from_slice(&value.to_le_bytes()),
                Self::Bool => out.push(u8::try_from(self.whole(value)?).map_err(|_| CANNOT_HOLD)?),
                Self::Int { bytes } | Self::Uint { bytes } => {
                    let whole = self.whole(value)?.to_le_bytes();
                    out.extend_from_slice(whole.get(..bytes).ok_or(AssistError::Internal)?);
                }
            }
        }
        Ok(out)
    }

    fn whole(self, value: f64) -> Result<i128, AssistError> {
        let whole = value as i128;
        let range = match self {
            Self::Bool => 0..=1,
            Self::Int { bytes } => -(1_i128 << (bytes * 8 - 1))..=(1_i128 << (bytes * 8 - 1)) - 1,
            Self::Uint { bytes } => 0..=(1_i128 << (bytes * 8)) - 1,
            Self::Float { .. } => return Err(AssistError::Internal),
        };
        if value.is_finite() && value.fract() == 0.0 && range.contains(&whole) {
            Ok(whole)
        } else {
            Err(CANNOT_HOLD)
        }
    }

    /// The element that these bytes are; there are as many as [`DataType::bytes`] says.
    pub(super) fn one(self, chunk: &[u8]) -> f64 {
        let mut wide = [0_u8; 8];
        for (to, from) in wide.iter_mut().zip(chunk) {
            *to = *from;
        }
        let bits = u64::from_le_bytes(wide);
        match self {
            Self::Float { bytes: 2 } => f16::from_bits(bits as u16).to_f64(),
            Self::Float { bytes: 4 } => f64::from(f32::from_bits(bits as u32)),
            Self::Float { .. } => f64::from_bits(bits),
            Self::Bool | Self::Uint { .. } => bits as f64,
            Self::Int { bytes } => {
                let unused = 64 - 8 * bytes as u32;
                ((bits << unused) as i64 >> unused) as f64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_that_does_not_fit_is_refused() {
        let of = |name: &str, value: f64| DataType::from_name(name).unwrap().encode([value].into_iter());
        for (name, value) in
            [("UINT8", -1.0), ("INT16", 32_768.0), ("INT32", 0.5), ("BOOL", 2.0), ("FP16", 1e6)]
        {
            assert_eq!(of(name, value), Err(CANNOT_HOLD), "{name}");
        }
        assert_eq!(of("INT64", f64::NAN), Err(CANNOT_HOLD));
        assert_eq!(of("INT16", -2.0), Ok(vec![0xFE, 0xFF]));
        assert_eq!(of("FP16", 1.0), Ok(vec![0x00, 0x3C]));
        assert!(DataType::from_name("BYTES").is_err());
    }

    proptest! {
        #[test]
        fn whole_numbers_come_back_from_every_type_that_holds_them(values in prop::collection::vec(0..128_i32, 0..50)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let names = ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FP16", "FP32", "FP64"];
            for name in names {
                let kind = DataType::from_name(name).unwrap();
                let raw = kind.encode(values.iter().copied()).unwrap();
                prop_assert_eq!(raw.len(), values.len() * kind.bytes());
                prop_assert_eq!(raw.chunks_exact(kind.bytes()).map(|chunk| kind.one(chunk)).collect::<Vec<_>>(), values.clone());
            }
        }

        #[test]
        fn signs_come_back(value in i16::MIN..=i16::MAX) {
            for name in ["INT16", "INT32", "INT64", "FP32", "FP64"] {
                let kind = DataType::from_name(name).unwrap();
                let raw = kind.encode([f64::from(value)].into_iter()).unwrap();
                prop_assert_eq!(raw.chunks_exact(kind.bytes()).map(|chunk| kind.one(chunk)).collect::<Vec<_>>(), [f64::from(value)]);
            }
        }
    }
}
