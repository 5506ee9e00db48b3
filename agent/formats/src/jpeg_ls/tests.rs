//! Streams that are whole, and streams that are not. Whole pictures of others' encoders are compared in `tests`.

use super::*;
use proptest::prelude::*;

/// Example of ITU-T T.87 Annex H.3: 4 by 4 samples of 8 bits.
const EXAMPLE: [u8; 38] = [
    0xFF, 0xD8, 0xFF, 0xF7, 0x00, 0x0B, 0x08, 0x00, 0x04, 0x00, 0x04, 0x01, 0x01, 0x11, 0x00, 0xFF, 0xDA,
    0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0xC0, 0x00, 0x00, 0x6C, 0x80, 0x20, 0x8E, 0x01, 0xC0,
    0x00, 0x00, 0x57, 0x40,
];

#[test]
fn the_example_of_the_standard_is_decoded() {
    let expect = [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145];
    let bytes = [
        &EXAMPLE[..],
        &[
            0x00, 0x00, 0x6E, 0xE6, 0x00, 0x00, 0x01, 0xBC, 0x18, 0x00, 0x00, 0x05, 0xD8, 0x00, 0x00, 0x91,
            0x60, 0xFF, 0xD9,
        ],
    ]
    .concat();
    assert_eq!(decode(&bytes), Some(expect.to_vec()));
    let header = FrameHeader { precision: 8, rows: 4, columns: 4, components: 1 };
    assert_eq!(frame_header(&bytes), Some(header));
}

#[test]
fn defaults_of_the_standard_are_found() {
    assert_eq!(default_thresholds(255, 0), [3, 7, 21]);
    assert_eq!(default_thresholds(4095, 0), [18, 67, 276]);
    assert_eq!(default_thresholds(255, 3), [12, 22, 42]);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300), near in 0_u8..4) {
        let mut stream = EXAMPLE[..25].to_vec();
        stream[22] = near;
        stream.extend(bytes.iter());
        let _ = decode(&stream);
        let _ = decode(&bytes);
        let _ = frame_header(&bytes);
    }
}
