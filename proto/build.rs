//! Compiles the schema under `wire/` without protoc: messages, clients, and servers that refuse what
//! they do not know.

use std::error::Error;
use std::path::{Path, PathBuf};

const FILES: [&str; 3] = [
    "ringfence/agent/v1/enrolment.proto",
    "ringfence/agent/v1/worklist.proto",
    "ringfence/agent/v1/results.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=wire");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new(["wire"])?;
    compiler.include_imports(true).open_files(FILES)?;
    // The typed form of a descriptor drops custom options; the encoded one keeps them, and the
    // privacy classes are custom options.
    std::fs::write(out.join("wire.bin"), compiler.encode_file_descriptor_set())?;

    let mut files = compiler.file_descriptor_set();
    files.file.retain(|file| matches!(file.package(), "ringfence.agent.v1" | "ringfence.types.v1"));
    for file in &mut files.file {
        // Results carries bytes as they were written to the ledger; `results.rs` is its client and server.
        file.service.retain(|service| service.name() != "Results");
    }

    tonic_prost_build::configure().build_server(false).build_transport(false).compile_fds(files.clone())?;

    let servers = fresh(&out.join("servers"))?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_transport(false)
        .codec_path("crate::exact::ExactCodec")
        .extern_path(".ringfence.agent.v1", "crate::agent::v1")
        .extern_path(".ringfence.types.v1", "crate::types::v1")
        .out_dir(servers)
        .compile_fds(files)?;
    Ok(())
}

fn fresh(directory: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(directory)?;
    Ok(directory.to_owned())
}
