//! Multipart bodies (RFC 7578): those that are sent, and the one that comes back.

use bytes::Bytes;

use crate::error::AssistError;

/// Collects the parts of a body. The boundary is the digest of all parts, so the same request has the same bytes,
/// and no part contains it.
#[derive(Default)]
pub(super) struct Form {
    parts: Vec<(String, Bytes)>,
}

impl Form {
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        self.parts.push((head, Bytes::copy_from_slice(value.as_bytes())));
    }

    pub(super) fn file(&mut self, name: &str, filename: &str, bytes: Bytes) {
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        self.parts.push((head, bytes));
    }

    /// Content type, and the body in pieces.
    pub(super) fn finish(self) -> (String, Vec<Bytes>) {
        let mut digest = blake3::Hasher::new();
        for (head, bytes) in &self.parts {
            digest.update(head.as_bytes()).update(bytes);
        }
        let digest = digest.finalize().to_hex();
        let boundary = digest.get(..40).unwrap_or(&digest);
        let mut pieces = Vec::new();
        for (head, bytes) in self.parts {
            pieces.push(format!("--{boundary}\r\n{head}").into());
            pieces.push(bytes);
            pieces.push(Bytes::from_static(b"\r\n"));
        }
        pieces.push(format!("--{boundary}--\r\n").into());
        (format!("multipart/form-data; boundary={boundary}"), pieces)
    }
}

/// The file in an inference's answer: the part that has a file name, or the whole body.
///
/// # Errors
/// `InvalidAnswer` when there is none.
pub(super) async fn file_of(content_type: &str, body: Vec<u8>) -> Result<Vec<u8>, AssistError> {
    let invalid = |what| AssistError::InvalidAnswer { what };
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "multipart/form-data" => {
            let boundary = multer::parse_boundary(content_type).map_err(|_| invalid("no boundary"))?;
            let whole = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(body))]);
            let mut parts = multer::Multipart::new(whole, boundary);
            while let Some(part) = parts.next_field().await.map_err(|_| invalid("parts are damaged"))? {
                if part.file_name().is_some() {
                    return Ok(part.bytes().await.map_err(|_| invalid("parts are damaged"))?.into());
                }
            }
            Err(invalid("no label map"))
        }
        // The server answers so when the model gave numbers only.
        "application/json" => Err(invalid("no label map")),
        _ => Ok(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_sent_is_a_form_that_others_read() {
        let mut form = Form::default();
        form.text("params", "{\"a\":1}");
        form.file("label", "label.nii.gz", Bytes::from_static(b"\r\n--bytes\0"));
        let (kind, pieces) = form.finish();
        let body = pieces.concat();
        let boundary = multer::parse_boundary(&kind).unwrap();
        let whole = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(body.clone()))]);
        let mut parts = multer::Multipart::new(whole, boundary);
        let first = parts.next_field().await.unwrap().unwrap();
        assert_eq!(first.name(), Some("params"));
        assert_eq!(first.bytes().await.unwrap().as_ref(), b"{\"a\":1}");
        let second = parts.next_field().await.unwrap().unwrap();
        assert_eq!((second.name(), second.file_name()), (Some("label"), Some("label.nii.gz")));
        assert_eq!(second.bytes().await.unwrap().as_ref(), b"\r\n--bytes\0");
        assert!(parts.next_field().await.unwrap().is_none());
        assert_eq!(file_of(&kind, body).await.unwrap(), b"\r\n--bytes\0");
    }

    #[tokio::test]
    async fn an_answer_without_a_file_is_refused() {
        let mut form = Form::default();
        form.text("params", "{}");
        let (kind, pieces) = form.finish();
        let body = pieces.concat();
        let none = Err(AssistError::InvalidAnswer { what: "no label map" });
        assert_eq!(file_of(&kind, body).await, none);
        assert_eq!(file_of("application/json", b"{}".to_vec()).await, none);
        let damaged = file_of(&kind, b"--nothing".to_vec()).await;
        assert_eq!(damaged, Err(AssistError::InvalidAnswer { what: "parts are damaged" }));
        assert_eq!(file_of("application/octet-stream", b"x".to_vec()).await, Ok(b"x".to_vec()));
    }
}
