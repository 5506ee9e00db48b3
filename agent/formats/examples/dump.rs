//! temp
fn main() {
    for p in std::env::args().skip(1) {
        let b = std::fs::read(&p).unwrap();
        match agent_formats::pixels::decode(&b) {
            Ok(d) => {
                let out: Vec<u8> = d.stored.iter().flat_map(|v| v.to_le_bytes()).collect();
                std::fs::write(format!("/tmp/dicomroom/out/{}.i32", std::path::Path::new(&p).file_name().unwrap().to_str().unwrap()), out).unwrap();
                println!("OK\t{p}\t{:?}", d.header.layout);
            }
            Err(e) => println!("ERR\t{p}\t{e} | {e:?} | id {:?}", agent_formats::header::identity(&b).map(|_| ())),
        }
    }
}
