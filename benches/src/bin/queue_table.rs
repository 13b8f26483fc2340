//! prototype table
use koosim_benches::designs::*;
use koosim_benches::hold::{EventQueue, Hold, Payload, Work};
use koosim_engine::queue::Queue;

trait Runner {
    fn run(&mut self, n: u64);
    fn sum(&self) -> u64;
    fn name(&self) -> &'static str;
}
impl<Q: EventQueue> Runner for Hold<Q> {
    fn run(&mut self, n: u64) {
        Hold::run(self, n)
    }
    fn sum(&self) -> u64 {
        self.checksum()
    }
    fn name(&self) -> &'static str {
        Q::NAME
    }
}
#[expect(clippy::disallowed_types, reason = "x")]
fn main() {
    let full = std::env::args().nth(1).is_some_and(|a| a == "full");
    if let Some(n) = std::env::args().nth(2) {
        let work = Work::ALL[std::env::args().nth(3).unwrap().parse::<usize>().unwrap()];
        let n: u32 = n.parse().unwrap();
        let mut r: Box<dyn Runner> = if std::env::args().nth(1).unwrap() == "std" {
            Box::new(Hold::<Slabbed<StdHeap>>::new(work, n))
        } else {
            Box::new(Hold::<Queue<Payload>>::new(work, n))
        };
        let mut best = f64::MAX;
        for _ in 0..8 {
            let t = std::time::Instant::now();
            r.run(300_000);
            best = best.min(t.elapsed().as_secs_f64() / 0.0003);
        }
        println!("{best:.1} ns {}", r.sum());
        return;
    }
    for work in Work::ALL {
        for n in [100u32, 10_000, 1_000_000] {
            let mut rs: Vec<Box<dyn Runner>> = vec![
                Box::new(Hold::<Slabbed<StdHeap>>::new(work, n)),
                Box::new(Hold::<Queue<Payload>>::new(work, n)),
            ];
            if full {
                rs.push(Box::new(Hold::<Slabbed<PackedHeap>>::new(work, n)));
                rs.push(Box::new(Hold::<Slabbed<Quaternary>>::new(work, n)));
                rs.push(Box::new(Hold::<Slabbed<Tree>>::new(work, n))); rs.push(Box::new(Hold::<Slabbed<RadixHeap>>::new(work, n))); rs.push(Box::new(Hold::<Slabbed<TickBatch>>::new(work, n))); rs.push(Box::new(Hold::<Slabbed<Calendar>>::new(work, n))); rs.push(Box::new(Hold::<Slabbed<Ladder>>::new(work, n)));
            }
            let mut best = vec![vec![]; rs.len()];
            for _ in 0..7 {
                for (r, b) in rs.iter_mut().zip(&mut best) {
                    let t = std::time::Instant::now();
                    r.run(200_000);
                    b.push(t.elapsed().as_secs_f64() / 0.2);
                }
            }
            let s0 = rs[0].sum();
            let mut base = 0.0;
            for (r, b) in rs.iter().zip(&mut best) {
                b.sort_by(f64::total_cmp);
                let m = b[3];
                if base == 0.0 {
                    base = m;
                }
                println!(
                    "{:12} {:8} {:40} {:6.2} M/s {:5.2}x {}",
                    work.name(),
                    n,
                    r.name(),
                    1.0 / m,
                    base / m,
                    r.sum() == s0
                );
            }
        }
    }
}
