//! One real MR slice, written by other programs in four transfer syntaxes, decodes to the same pixels.

use agent_formats::pixels::decode;

const FILES: [(&str, &[u8]); 4] = [
    ("explicit", include_bytes!("data/MR_small.dcm")),
    ("JPEG 2000", include_bytes!("data/MR_small_jp2klossless.dcm")),
    ("RLE", include_bytes!("data/MR_small_RLE.dcm")),
    ("big endian", include_bytes!("data/MR_small_bigendian.dcm")),
];

#[test]
fn the_pixels_are_the_same() {
    let expect = decode(FILES[0].1).unwrap().stored;
    assert_eq!(expect.len(), 64 * 64);
    for (name, file) in FILES {
        assert!(decode(file).unwrap().stored == expect, "{name}");
    }
}

#[test]
fn a_damaged_byte_anywhere_is_survived() {
    for (_, file) in FILES {
        for at in (132..file.len()).step_by(7) {
            let mut damaged = file.to_vec();
            damaged[at] ^= 0xFF;
            let _ = decode(&damaged);
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_survived() {
    for (_, file) in FILES {
        for end in (0..file.len()).step_by(11) {
            assert!(decode(&file[..end]).is_err());
        }
    }
}
