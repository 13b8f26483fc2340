//! The event queue against other designs on the hold model. One iteration is a thousand holds.
//!
//! `cargo bench -p koosim-benches --bench queue -- --quick exponential/10000/`
//!
//! For ratios on a machine that also does other things, `queue-table` lets the designs take turns.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use koosim_benches::contest::{BASELINE, DESIGNS, SIZES};
use koosim_benches::hold::Work;
use std::time::Duration;

const HOLDS: u64 = 1_000;

fn queue(criterion: &mut Criterion) {
    for work in Work::ALL {
        for size in SIZES {
            let mut group = criterion.benchmark_group(format!("queue/{}/{size}", work.name()));
            group.throughput(Throughput::Elements(HOLDS)).sample_size(20);
            group.warm_up_time(Duration::from_millis(300));
            group.measurement_time(Duration::from_secs(1));
            let mut expected = None;
            for design in DESIGNS {
                // Built only when the filter of the command line lets it run.
                let mut running = None;
                group.bench_function(BenchmarkId::from_parameter(design.name), |bencher| {
                    let running = running.get_or_insert_with(|| {
                        let begun = (design.begin)(work, size);
                        let expected = *expected
                            .get_or_insert_with(|| (BASELINE.begin)(work, size).checksum());
                        assert_eq!(begun.checksum(), expected, "{} keeps the order", design.name);
                        begun
                    });
                    bencher.iter(|| running.run(HOLDS));
                });
            }
            group.finish();
        }
    }
}

criterion_group!(benches, queue);
criterion_main!(benches);
