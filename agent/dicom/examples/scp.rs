//! temp
use agent_dicom::*;
use std::sync::Arc;
struct Disk(std::sync::Mutex<std::fs::File>);
impl Storage for Disk {
    fn store(&self, r: ReceivedInstance) -> Result<StoreOutcome, StoreRefusal> {
        use std::io::Write;
        let mut f = self.0.lock().unwrap();
        f.write_all(&r.bytes).unwrap();
        f.sync_data().unwrap();
        Ok(StoreOutcome::New)
    }
}
struct Nothing;
impl Storage for Nothing {
    fn store(&self, _: ReceivedInstance) -> Result<StoreOutcome, StoreRefusal> { Ok(StoreOutcome::New) }
}
#[tokio::main]
async fn main() {
    let l = tokio::net::TcpListener::bind("127.0.0.1:14567").await.unwrap();
    let c = ScpConfig::new(AeTitle::new("RINGFENCE").unwrap(), Callers::Anyone);
    let (_t, r) = tokio::sync::watch::channel(false);
    let s: Arc<dyn Storage> = if std::env::args().nth(1).is_some() { Arc::new(Disk(std::sync::Mutex::new(std::fs::File::create("/tmp/dicomroom/seg").unwrap()))) } else { Arc::new(Nothing) };
    serve(l, c, s, r).await.unwrap();
}
