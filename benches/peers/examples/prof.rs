use koosim_engine::net::{LinkSpec, Order};
use koosim_harness::*;
use koosim_model::time::SimDuration;
fn main() {
    let half = SimDuration::from_nanos(500_000);
    let link = LinkSpec::new(half).unwrap().jitter(SimDuration::from_millis(1), Order::Free).unwrap();
    let pairs: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let trips = 2_000_000 / pairs;
    let mut net = Network::builder(42).link(link).keep_records(0).build().unwrap();
    for pair in 0..pairs {
        net.host(&format!("s{pair}"), || async {
            let socket = UdpSocket::bind("0.0.0.0:9").await?;
            let mut b = [0; 128];
            loop {
                let (n, from) = socket.recv_from(&mut b).await?;
                socket.send_to(&b[..n], from).await?;
            }
        }).unwrap();
        net.host(&format!("c{pair}"), move || async move {
            let socket = UdpSocket::bind("0.0.0.0:0").await?;
            let to = std::net::SocketAddr::new(lookup(&format!("s{pair}"))?, 9);
            for _ in 0..32 { socket.send_to(&[7; 64], to).await?; }
            let mut b = [0; 128];
            for _ in 0..trips {
                socket.recv_from(&mut b).await?;
                socket.send_to(&[7; 64], to).await?;
            }
            Ok(())
        }).unwrap();
    }
    let t = std::time::Instant::now();
    let r = net.run_for(SimDuration::from_millis(i64::try_from(trips).unwrap() / 32 * 2));
    let m = net.counters().delivered.packets;
    println!("{r:?} {m} {:.0}/s", m as f64 / t.elapsed().as_secs_f64());
}
