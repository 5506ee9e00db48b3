//! Compiles the open inference protocol under `wire/` without protoc: messages and a client. No server: what
//! this room talks to is written by others.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=wire");
    let mut compiler = protox::Compiler::new(["wire"])?;
    compiler.open_files(["inference.proto"])?;
    tonic_prost_build::configure()
        .build_server(false)
        .build_transport(false)
        .bytes(".inference")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
