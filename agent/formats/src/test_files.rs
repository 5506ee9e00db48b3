//! Small DICOM files for this room's tests, written byte by byte.

use crate::part10::{FileMeta, file_meta};
use crate::syntax::{Encoding, TransferSyntax};

/// Writes elements in one encoding.
pub(crate) struct DataSet {
    pub(crate) bytes: Vec<u8>,
    encoding: Encoding,
}

impl DataSet {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { bytes: Vec::new(), encoding }
    }

    pub(crate) fn number16(&mut self, value: u16) {
        let bytes = if self.encoding.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes.extend(bytes);
    }

    pub(crate) fn number32(&mut self, value: u32) {
        let bytes = if self.encoding.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes.extend(bytes);
    }

    pub(crate) fn header(&mut self, tag: (u16, u16), vr: &str, length: u32) {
        self.number16(tag.0);
        self.number16(tag.1);
        if !self.encoding.explicit || tag.0 == 0xFFFE {
            return self.number32(length);
        }
        self.bytes.extend(vr.bytes());
        if ["OB", "OW", "SQ", "UN", "UT"].contains(&vr) {
            self.number16(0);
            self.number32(length);
        } else {
            self.number16(length as u16);
        }
    }

    pub(crate) fn put(&mut self, tag: (u16, u16), vr: &str, value: &[u8]) -> &mut Self {
        let padding = value.len() % 2;
        self.header(tag, vr, (value.len() + padding) as u32);
        self.bytes.extend(value);
        if padding == 1 {
            self.bytes.push(if vr == "UI" || vr == "OB" { 0 } else { b' ' });
        }
        self
    }

    pub(crate) fn text(&mut self, tag: (u16, u16), vr: &str, value: &str) -> &mut Self {
        self.put(tag, vr, value.as_bytes())
    }

    pub(crate) fn short(&mut self, tag: (u16, u16), value: u16) -> &mut Self {
        self.header(tag, "US", 2);
        self.number16(value);
        self
    }
}

/// A monochrome image of 16 allocated bits.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) syntax: TransferSyntax,
    pub(crate) instance_uid: String,
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    pub(crate) bits_allocated: u16,
    pub(crate) bits_stored: u16,
    pub(crate) signed: bool,
    pub(crate) photometric: &'static str,
    pub(crate) frames: Option<u16>,
    pub(crate) position: Option<[f64; 3]>,
    pub(crate) slope: &'static str,
    pub(crate) intercept: &'static str,
    pub(crate) modality: String,
    pub(crate) instance_number: &'static str,
    pub(crate) samples: u16,
    pub(crate) planar: bool,
    pub(crate) spacing: Option<&'static str>,
    pub(crate) windows: bool,
    /// Elements of groups 0018 to 0028, written as they are, in front of the pixels.
    pub(crate) extra: Vec<u8>,
    pub(crate) pixels: Vec<u8>,
    /// Fragments, the offset table first, instead of native pixels.
    pub(crate) fragments: Option<Vec<Vec<u8>>>,
}

impl Image {
    pub(crate) fn new(rows: u16, columns: u16) -> Self {
        let pixels = (0..u32::from(rows) * u32::from(columns))
            .flat_map(|index| (index as u16).to_le_bytes())
            .collect();
        Self {
            syntax: TransferSyntax::ExplicitLittle,
            instance_uid: "1.2.3.4".into(),
            rows,
            columns,
            bits_allocated: 16,
            bits_stored: 16,
            signed: false,
            photometric: "MONOCHROME2",
            frames: None,
            position: Some([0.0, 0.0, 0.0]),
            slope: "1",
            intercept: "0",
            modality: "MR".into(),
            instance_number: "1",
            samples: 1,
            planar: false,
            spacing: Some("0.5\\0.7"),
            windows: true,
            extra: Vec::new(),
            pixels,
            fragments: None,
        }
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        let mut data = DataSet::new(self.syntax.encoding());
        data.text((0x0008, 0x0005), "CS", "ISO_IR 100");
        data.text((0x0008, 0x0016), "UI", "1.2.840.10008.5.1.4.1.1.4");
        data.text((0x0008, 0x0018), "UI", &self.instance_uid);
        data.text((0x0008, 0x0060), "CS", &self.modality);
        data.put((0x0010, 0x0010), "PN", b"M\xFCller^Anna");
        data.text((0x0010, 0x0020), "LO", "4711");
        data.text((0x0018, 0x0015), "CS", "BRAIN");
        data.text((0x0020, 0x000D), "UI", "1.2.3");
        data.text((0x0020, 0x000E), "UI", "1.2.3.1");
        data.text((0x0020, 0x0013), "IS", self.instance_number);
        if let Some([x, y, z]) = self.position {
            data.text((0x0020, 0x0032), "DS", &format!("{x}\\{y}\\{z}"));
            data.text((0x0020, 0x0037), "DS", "1\\0\\0\\0\\1\\0");
        }
        data.short((0x0028, 0x0002), self.samples);
        data.text((0x0028, 0x0004), "CS", self.photometric);
        if self.samples > 1 {
            data.short((0x0028, 0x0006), u16::from(self.planar));
        }
        if let Some(frames) = self.frames {
            data.text((0x0028, 0x0008), "IS", &frames.to_string());
        }
        data.short((0x0028, 0x0010), self.rows).short((0x0028, 0x0011), self.columns);
        if let Some(spacing) = self.spacing {
            data.text((0x0028, 0x0030), "DS", spacing);
        }
        data.short((0x0028, 0x0100), self.bits_allocated).short((0x0028, 0x0101), self.bits_stored);
        data.short((0x0028, 0x0102), self.bits_stored - 1).short((0x0028, 0x0103), u16::from(self.signed));
        if self.windows {
            data.text((0x0028, 0x1050), "DS", "40\\600").text((0x0028, 0x1051), "DS", "400\\1500");
        }
        data.text((0x0028, 0x1052), "DS", self.intercept).text((0x0028, 0x1053), "DS", self.slope);
        // The walk does not ask for rising tags, as some files do not have them.
        data.bytes.extend(&self.extra);
        self.put_pixels(&mut data);
        let meta = FileMeta {
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.4",
            sop_instance_uid: &self.instance_uid,
            syntax: self.syntax,
        };
        let mut file = file_meta(&meta).unwrap();
        file.append(&mut data.bytes);
        file
    }

    fn put_pixels(&self, data: &mut DataSet) {
        let Some(fragments) = &self.fragments else {
            data.put((0x7FE0, 0x0010), "OW", &self.pixels);
            return;
        };
        data.header((0x7FE0, 0x0010), "OB", u32::MAX);
        for fragment in fragments {
            data.put((0xFFFE, 0xE000), "OB", fragment);
        }
        data.header((0xFFFE, 0xE0DD), "", 0);
    }
}
