//! The listener against DCMTK's own tools (Debian package `dcmtk`), unmodified and over TCP.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of a test fail as the test does")]

mod support;

use agent_formats::TransferSyntax;
use support::{listen_to_senders, run, said, series, slice};

#[tokio::test(flavor = "multi_thread")]
async fn echoscu_is_answered() {
    let listener = listen_to_senders(|_| {}).await;
    let output = run("echoscu", &["-aec", "RINGFENCE", "127.0.0.1", &listener.port]).await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(listener.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlisted_title_and_a_wrong_called_title_are_rejected() {
    let listener = listen_to_senders(|_| {}).await;
    let stranger = run("echoscu", &["-aet", "EVIL", "-aec", "RINGFENCE", "127.0.0.1", &listener.port]).await;
    assert!(!stranger.status.success());
    assert!(said(&stranger).contains("Calling AE Title Not Recognized"), "{}", said(&stranger));
    let lost = run("echoscu", &["-aec", "OTHER", "127.0.0.1", &listener.port]).await;
    assert!(said(&lost).contains("Called AE Title Not Recognized"), "{}", said(&lost));
    listener.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn storescu_s_objects_arrive_byte_for_byte() {
    let directory = tempfile::tempdir().unwrap();
    series(directory.path(), 12, 64);
    let listener = listen_to_senders(|_| {}).await;
    let path = directory.path().to_str().unwrap();
    let output = run("storescu", &["-aec", "RINGFENCE", "+sd", "127.0.0.1", &listener.port, path]).await;
    assert!(output.status.success(), "{}", said(&output));
    let mut kept = listener.stop().await;
    kept.sort_by(|a, b| a.bytes.cmp(&b.bytes));
    assert_eq!(kept.len(), 12);
    for received in &kept {
        // DCMTK may write group lengths and padding anew, but never pixels.
        let decoded = agent_formats::pixels::decode(&received.bytes).unwrap();
        assert_eq!(decoded.stored.len(), 64 * 64);
    }
    let sent = agent_formats::pixels::decode(&slice(0, 64)).unwrap().stored;
    assert!(
        kept.iter().any(|received| agent_formats::pixels::decode(&received.bytes).unwrap().stored == sent)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dcmsend_s_objects_arrive_whatever_their_coding() {
    let directory = tempfile::tempdir().unwrap();
    series(directory.path(), 6, 64);
    let plain = directory.path().join("plain.dcm");
    std::fs::write(&plain, slice(7, 64)).unwrap();
    let packed = directory.path().join("packed.dcm");
    let output = run("dcmcrle", &[plain.to_str().unwrap(), packed.to_str().unwrap()]).await;
    assert!(output.status.success(), "{}", said(&output));
    std::fs::remove_file(&plain).unwrap();
    let listener = listen_to_senders(|_| {}).await;
    let path = directory.path().to_str().unwrap();
    // It proposes what the files need, and fails where a single one was refused.
    let call = ["-v", "-aet", "STORESCU", "-aec", "RINGFENCE", "+sd", "127.0.0.1", &listener.port, path];
    let output = run("dcmsend", &call).await;
    assert!(output.status.success(), "{}", said(&output));
    let kept = listener.stop().await;
    let packed = kept.iter().filter(|one| one.identity.syntax == TransferSyntax::RleLossless).count();
    assert_eq!((kept.len(), packed), (7, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_objects_are_taken_as_they_are_and_decode_to_the_same_pixels() {
    let directory = tempfile::tempdir().unwrap();
    let plain = directory.path().join("plain.dcm");
    std::fs::write(&plain, slice(3, 64)).unwrap();
    let expect = agent_formats::pixels::decode(&slice(3, 64)).unwrap().stored;
    let forms: [(&[&str], &str, TransferSyntax); 5] = [
        (&["dcmcrle"], "-xr", TransferSyntax::RleLossless),
        (&["dcmcjpeg", "+e1"], "-xs", TransferSyntax::JpegLosslessFirstOrder),
        (&["dcmcjpeg", "+el"], "-xs", TransferSyntax::JpegLossless),
        (&["dcmconv", "+ti"], "-xi", TransferSyntax::ImplicitLittle),
        (&["dcmconv", "+tb"], "-xb", TransferSyntax::ExplicitBig),
    ];
    for (convert, propose, syntax) in forms {
        let made = directory.path().join("made.dcm");
        let mut arguments = convert[1..].to_vec();
        arguments.extend([plain.to_str().unwrap(), made.to_str().unwrap()]);
        let output = run(convert[0], &arguments).await;
        assert!(output.status.success(), "{}", said(&output));
        if syntax == TransferSyntax::JpegLossless {
            // storescu has no option that proposes process 14 alone; the decoder is what counts here.
            let decoded = agent_formats::pixels::decode(&std::fs::read(&made).unwrap()).unwrap();
            assert_eq!(decoded.stored, expect);
            continue;
        }
        let listener = listen_to_senders(|_| {}).await;
        let call = ["-aec", "RINGFENCE", propose, "127.0.0.1", &listener.port, made.to_str().unwrap()];
        let output = run("storescu", &call).await;
        assert!(output.status.success(), "{syntax:?}: {}", said(&output));
        let kept = listener.stop().await;
        assert_eq!(kept[0].identity.syntax, syntax);
        let decoded = agent_formats::pixels::decode(&kept[0].bytes).unwrap();
        assert!(decoded.stored == expect, "{syntax:?}: other pixels");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deflated_objects_are_taken_and_read() {
    let directory = tempfile::tempdir().unwrap();
    let plain = directory.path().join("plain.dcm");
    let made = directory.path().join("made.dcm");
    std::fs::write(&plain, slice(3, 64)).unwrap();
    let output = run("dcmconv", &["+td", plain.to_str().unwrap(), made.to_str().unwrap()]).await;
    assert!(output.status.success(), "{}", said(&output));
    let listener = listen_to_senders(|_| {}).await;
    let call = ["-aec", "RINGFENCE", "-xd", "127.0.0.1", &listener.port, made.to_str().unwrap()];
    let output = run("storescu", &call).await;
    assert!(output.status.success(), "{}", said(&output));
    let kept = listener.stop().await;
    let decoded = agent_formats::pixels::decode(&kept[0].bytes).unwrap();
    assert!(decoded.stored == agent_formats::pixels::decode(&slice(3, 64)).unwrap().stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn dcmtk_reads_the_files_we_keep() {
    let directory = tempfile::tempdir().unwrap();
    series(directory.path(), 1, 16);
    let listener = listen_to_senders(|_| {}).await;
    let path = directory.path().join("0000.dcm");
    run("storescu", &["-aec", "RINGFENCE", "127.0.0.1", &listener.port, path.to_str().unwrap()]).await;
    let kept = listener.stop().await;
    let file = directory.path().join("kept.dcm");
    std::fs::write(&file, &kept[0].bytes).unwrap();
    let output = run("dcmdump", &["-q", file.to_str().unwrap()]).await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("RINGFENCE_1"), "{}", said(&output));
    assert!(!said(&output).contains("W:"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_caller_too_many_is_told_to_come_again() {
    let listener = listen_to_senders(|config| config.sizes.associations_max = 1).await;
    let address = format!("127.0.0.1:{}", listener.port);
    // A connection that has sent nothing yet holds the only place.
    let holder = tokio::net::TcpStream::connect(&address).await.unwrap();
    let output = run("echoscu", &["-aec", "RINGFENCE", "127.0.0.1", &listener.port]).await;
    assert!(said(&output).contains("Rejected Transient"), "{}", said(&output));
    drop(holder);
    listener.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_senders_at_once_lose_nothing() {
    let directory = tempfile::tempdir().unwrap();
    series(directory.path(), 30, 64);
    let listener = listen_to_senders(|_| {}).await;
    let path = directory.path().to_str().unwrap().to_owned();
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let (path, port) = (path.clone(), listener.port.clone());
            tokio::spawn(async move {
                run("storescu", &["-aec", "RINGFENCE", "+sd", "127.0.0.1", &port, &path]).await
            })
        })
        .collect();
    for sender in senders {
        let output = sender.await.unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(listener.stop().await.len(), 120);
}
