//! Transform, codes, and streams that are damaged. Whole pictures of others' encoders are compared in `tests`.

use super::*;
use proptest::prelude::*;

#[test]
fn a_block_of_one_coefficient_is_flat_or_a_wave() {
    let mut coefficients = [0; BLOCK];
    coefficients[0] = 80;
    assert_eq!(samples(&coefficients, &[1; BLOCK]), [[2058; 8]; 8]);
    assert_eq!(samples(&coefficients, &[1000; BLOCK]), [[4095; 8]; 8]);
    let mut wave = [0; BLOCK];
    wave[1] = 1000;
    let line = samples(&wave, &[1; BLOCK])[3];
    // 2048 + 1000 / 4 / √2 · cos((2x + 1) π / 16) · ... : S(0, 1) alone gives C(0) / 4 · S · cos.
    let expect = [0, 1, 2, 3, 4, 5, 6, 7].map(|x| {
        let angle = (2.0 * f64::from(x) + 1.0) * std::f64::consts::PI / 16.0;
        (2048.0 + 250.0 * std::f64::consts::FRAC_1_SQRT_2 * angle.cos()).round() as u16
    });
    assert_eq!(line, expect);
}

#[test]
fn codes_beyond_their_length_are_refused() {
    let mut counts = [0; 16];
    counts[0] = 3;
    assert!(Table::new(&counts, &[1, 2, 3]).is_none());
    counts[0] = 2;
    let table = Table::new(&counts, &[7, 8]).unwrap();
    let mut bits = Bits::new(&[0b0101_0000]);
    assert_eq!([0; 3].map(|_| table.symbol(&mut bits)), [Some(7), Some(8), Some(7)]);
}

#[test]
fn numbers_of_few_bits_are_negative_in_their_lower_half() {
    let mut bits = Bits::new(&[0b0110_0000]);
    assert_eq!(bits.signed(2), Some(-2));
    assert_eq!(bits.signed(2), Some(2));
    assert_eq!(bits.signed(0), Some(0));
}

/// One flat block of 8 by 8 samples.
fn flat() -> Vec<u8> {
    let mut stream = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    stream.extend([1; 64]);
    stream.extend([0xFF, 0xC1, 0, 11, 12, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    for class in [0x00, 0x10] {
        stream.extend([0xFF, 0xC4, 0, 20, class, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        // The only code says: seven bits follow; or: the block ends.
        stream.push(if class == 0 { 7 } else { 0 });
    }
    stream.extend([0xFF, 0xDA, 0, 8, 1, 1, 0x00, 0, 63, 0]);
    // 0, then 1010000, which is 80; then 0; then ones.
    stream.extend([0b0101_0000, 0b0111_1111, 0xFF, 0xD9]);
    stream
}

#[test]
fn a_stream_is_decoded() {
    assert_eq!(decode(&flat(), 8, 8), Some(vec![2058; 64]));
    assert_eq!(decode(&flat(), 8, 9), None);
}

proptest! {
    #[test]
    fn damage_is_survived(at in 2_usize..170, byte in any::<u8>(), cut in 0_usize..170) {
        let mut stream = flat();
        let at = at % stream.len();
        stream[at] = byte;
        let _ = decode(&stream, 8, 8);
        stream.truncate(cut);
        let _ = decode(&stream, 8, 8);
    }
}
