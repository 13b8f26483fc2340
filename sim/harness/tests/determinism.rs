//! The same seed gives the same bytes, another gives others, and a difference is named.

#[path = "../examples/bill_poll.rs"]
#[expect(dead_code, reason = "the example's own `main` is not called here")]
mod bill_poll;

use koosim_engine::net::{LinkSpec, Ratio};
use koosim_harness::{
    Network, RECORDS_PER_BLOCK, RunError, RunLog, UdpSocket, VerifyError, compare, note, sleep,
    verify,
};
use koosim_model::time::SimDuration;
use std::cell::Cell;
use std::rc::Rc;

#[test]
fn a_bill_is_polled_for_thirty_days_twice_with_the_same_digest() {
    let (first, tally) = bill_poll::scenario(42).unwrap();
    let (second, again) = bill_poll::scenario(42).unwrap();
    assert_eq!(compare(&first, &second), None);
    assert_eq!(tally, again);
    assert_eq!(tally.answers + tally.given_up, 720);
    assert!(tally.answers >= 715, "{tally:?}");
    assert_eq!(tally.last_fen, 720 * 45);
    assert!(tally.slowest > SimDuration::from_millis(160), "nothing was ever sent again");
    // Golden: the same on every machine, in debug and in release.
    assert_eq!(
        first.digest().to_string(),
        "239dddf76cbe220e6a8e971c3480945cc11524f83f9d52a119853e2c35c56dc3"
    );
    let (other, _) = bill_poll::scenario(43).unwrap();
    assert_ne!(other.digest(), first.digest());
}

/// One host sends another a datagram every millisecond; `odd` may make one of them different.
fn chatter(kept: usize, odd: Rc<dyn Fn(u32) -> bool>) -> Result<RunLog, RunError> {
    let link = LinkSpec::from_millis(3).loss(Ratio::percent(10));
    let mut net = Network::builder(5).link(link).keep_records(kept).build()?;
    net.host("sink", || async {
        let socket = UdpSocket::bind("0.0.0.0:7").await?;
        loop {
            socket.recv_from(&mut [0; 8]).await?;
        }
    })?;
    net.host("source", move || {
        let odd = Rc::clone(&odd);
        async move {
            let socket = UdpSocket::bind("0.0.0.0:9").await?;
            for round in 0..6_000 {
                let text: &[u8] = if odd(round) { b"odd" } else { b"usual" };
                socket.send_to(text, "sink:7").await?;
                if round.is_multiple_of(1_000) {
                    note(&format!("round {round}"));
                }
                sleep(SimDuration::from_millis(1)).await;
            }
            Ok(())
        }
    })?;
    net.run_for(SimDuration::from_secs(10))?;
    Ok(net.finish())
}

/// Verifies a component that keeps something between two runs, as a process-wide counter does.
fn verify_leaky(kept: usize, odd_round: u32) -> Result<RunLog, VerifyError> {
    let runs = Rc::new(Cell::new(0));
    verify(|| {
        let run = runs.get();
        runs.set(run + 1);
        chatter(kept, Rc::new(move |round| run == 1 && round == odd_round))
    })
}

#[test]
fn the_first_difference_is_named() {
    let log = verify_leaky(100_000, u32::MAX).unwrap();
    assert!(log.count() > 2 * RECORDS_PER_BLOCK);
    let error = verify_leaky(100_000, 2).unwrap_err();
    let text = error.to_string();
    let sent = "1970-01-01T08:00:00.002+08:00 source sent a datagram of";
    assert!(text.starts_with("two runs differ at record 6:\n"), "{text}");
    assert!(text.contains(&format!("first:  {sent} 5 bytes")), "{text}");
    assert!(text.contains(&format!("second: {sent} 3 bytes")), "{text}");
    assert!(text.contains("port 9, peer sink:7"), "{text}");
}

#[test]
fn a_difference_beyond_what_was_kept_is_placed_between_two_blocks() {
    let error = verify_leaky(100, 3_000).unwrap_err();
    let VerifyError::Diverged(divergence) = error else { panic!("{error}") };
    assert_eq!(divergence.record, None);
    assert_eq!(divergence.between, (RECORDS_PER_BLOCK, 2 * RECORDS_PER_BLOCK));
    assert_ne!(divergence.digests.0, divergence.digests.1);
    // With everything kept, the record lies where the blocks say.
    let error = verify_leaky(100_000, 3_000).unwrap_err();
    let VerifyError::Diverged(divergence) = error else { panic!("{error}") };
    let (place, ..) = divergence.record.unwrap();
    assert!((RECORDS_PER_BLOCK..2 * RECORDS_PER_BLOCK).contains(&place), "{place}");
}

#[test]
fn a_run_that_ends_earlier_differs_at_its_end() {
    let run = |ms: i64| {
        let mut net = Network::builder(5).build().unwrap();
        net.host("source", || async {
            loop {
                note("tick");
                sleep(SimDuration::from_millis(10)).await;
            }
        })
        .unwrap();
        net.run_for(SimDuration::from_millis(ms)).unwrap();
        net.finish()
    };
    let difference = compare(&run(25), &run(35)).unwrap();
    let (place, first, second) = difference.record.unwrap();
    assert_eq!((place, first), (4, None));
    assert_eq!(second.unwrap(), "1970-01-01T08:00:00.030+08:00 source noted: tick");
}

#[test]
fn what_a_component_notes_is_part_of_the_digest() {
    let run = |text: &'static str| {
        let mut net = Network::builder(5).build().unwrap();
        net.host("a", move || async move {
            note(text);
            Ok(())
        })
        .unwrap();
        net.run_for(SimDuration::from_millis(1)).unwrap();
        net.finish()
    };
    assert_eq!(run("bill 1.00").digest(), run("bill 1.00").digest());
    let difference = compare(&run("bill 1.00"), &run("bill 1.01")).unwrap();
    assert!(difference.to_string().contains("a noted: bill 1.01"), "{difference}");
}
