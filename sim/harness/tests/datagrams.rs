//! Datagrams: loss, partition, full inboxes and the books of the links.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use koosim_engine::net::{DropCause, LinkSpec, Ratio};
use koosim_harness::{
    Carrier, DATAGRAM_HEADER_BYTES, Discard, HostResult, INBOX_DATAGRAMS_MAX, Network, RunLog,
    UdpSocket, What, lookup, sleep,
};
use koosim_model::time::SimDuration;
use std::cell::Cell;
use std::io::ErrorKind;
use std::rc::Rc;

fn ms(ms: i64) -> SimDuration {
    SimDuration::from_millis(ms)
}

async fn count(received: Rc<Cell<u64>>) -> HostResult {
    let socket = UdpSocket::bind(("0.0.0.0", 7)).await?;
    loop {
        socket.recv_from(&mut [0; 64]).await?;
        received.set(received.get() + 1);
    }
}

/// Sends one datagram every millisecond from `a` to `b`.
async fn chatter() -> HostResult {
    let socket = UdpSocket::bind("0.0.0.0:0").await?;
    loop {
        socket.send_to(&[7; 64], "b:7").await?;
        sleep(ms(1)).await;
    }
}

fn chatting(link: LinkSpec) -> (Network, Rc<Cell<u64>>) {
    let mut net = Network::builder(42).link(link).build().unwrap();
    let received = Rc::new(Cell::new(0));
    let counted = Rc::clone(&received);
    net.host("b", move || count(Rc::clone(&counted))).unwrap();
    net.host("a", chatter).unwrap();
    (net, received)
}

fn number(log: &RunLog, what: What) -> usize {
    log.kept().iter().filter(|record| record.what == what).count()
}

#[test]
fn what_is_lost_is_counted_and_nothing_else_is_missing() {
    let (mut net, received) = chatting(LinkSpec::from_millis(40).loss(Ratio::percent(10)));
    net.run_for(ms(10_000)).unwrap();
    let books = net.link_counters("a", "b").unwrap();
    assert!(books.are_conserved());
    assert_eq!(books.offered.packets, 10_001);
    assert_eq!(books.offered.bytes, 10_001 * u64::from(64 + DATAGRAM_HEADER_BYTES));
    let lost = books.dropped(DropCause::Lost).packets;
    assert!((850..1_150).contains(&lost), "10 % of 10,001, and {lost} were lost");
    assert_eq!(books.delivered.packets, received.get());
    assert!((30..=40).contains(&books.in_flight.packets));
    assert_eq!(net.link_counters("b", "a").unwrap().offered.packets, 0);
    let log = net.finish();
    let all = usize::try_from(log.count()).unwrap();
    assert_eq!(log.kept().len(), all);
    let sent = What::Sent(Carrier::Datagram);
    let dropped = What::Dropped(Carrier::Datagram, DropCause::Lost);
    assert_eq!(number(&log, sent), 10_001);
    assert_eq!(number(&log, dropped), usize::try_from(lost).unwrap());
    assert_eq!(
        number(&log, What::Arrived(Carrier::Datagram)),
        usize::try_from(received.get()).unwrap()
    );
}

#[test]
fn a_partition_stops_one_way_or_both_and_heals() {
    let (mut net, received) = chatting(LinkSpec::from_millis(5));
    net.run_for(ms(100)).unwrap();
    assert_eq!(received.get(), 96);
    net.partition("a", "b").unwrap();
    net.run_for(ms(100)).unwrap();
    assert_eq!(received.get(), 101, "what was on the wire arrives, and no more");
    net.heal_one_way("b", "a").unwrap();
    net.run_for(ms(100)).unwrap();
    assert_eq!(received.get(), 101, "the other way is still cut");
    net.heal("a", "b").unwrap();
    net.run_for(ms(100)).unwrap();
    assert_eq!(received.get(), 196, "those of 301 to 395 ms as well");
    let cut = net.link_counters("a", "b").unwrap().dropped(DropCause::Partitioned);
    assert_eq!(cut.packets, 200);
}

#[test]
fn a_link_changes_while_it_is_used() {
    let (mut net, received) = chatting(LinkSpec::from_millis(5));
    net.run_for(ms(10)).unwrap();
    assert_eq!(received.get(), 6);
    net.set_link_one_way("a", "b", LinkSpec::from_millis(50)).unwrap();
    net.run_for(ms(50)).unwrap();
    assert_eq!(received.get(), 11, "the next one is sent at 11 ms and takes 50");
    net.run_for(ms(1)).unwrap();
    assert_eq!(received.get(), 12);
}

#[test]
fn an_inbox_that_nobody_empties_overflows_and_says_so() {
    let mut net = Network::builder(1).build().unwrap();
    net.host("b", || async {
        let _socket = UdpSocket::bind("0.0.0.0:7").await?;
        std::future::pending::<()>().await;
        Ok(())
    })
    .unwrap();
    net.host("a", || async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        for _ in 0..INBOX_DATAGRAMS_MAX + 3 {
            socket.send_to(b"x", "b:7").await?;
        }
        socket.send_to(b"x", "b:8").await?;
        Ok(())
    })
    .unwrap();
    net.run_for(ms(10)).unwrap();
    let log = net.finish();
    assert_eq!(number(&log, What::Arrived(Carrier::Datagram)), INBOX_DATAGRAMS_MAX);
    assert_eq!(number(&log, What::Discarded(Carrier::Datagram, Discard::InboxFull)), 3);
    assert_eq!(number(&log, What::Discarded(Carrier::Datagram, Discard::NoSocket)), 1);
}

#[test]
fn a_datagram_reaches_the_sender_itself_without_loss() {
    let lossy = LinkSpec::from_millis(1).loss(Ratio::ALWAYS);
    let mut net = Network::builder(1).link(lossy).build().unwrap();
    net.host("a", || async {
        let socket = UdpSocket::bind("127.0.0.1:7").await?;
        socket.send_to(b"hello", "localhost:7").await?;
        let mut buffer = [0; 3];
        let (size, from) = socket.recv_from(&mut buffer).await?;
        assert_eq!((size, &buffer, from), (3, b"hel", socket.local_addr()?));
        Ok(())
    })
    .unwrap();
    net.run_until_finished("a", net.now() + ms(1)).unwrap();
}

#[test]
fn requests_that_cannot_be_met_say_why() {
    let mut net = Network::builder(1).build().unwrap();
    net.host("server", || async { Ok(()) }).unwrap();
    let twice = net.host("server", || async { Ok(()) }).unwrap_err();
    assert_eq!(twice.to_string(), "there is already a host named `server`");
    let unknown = net.partition("server", "sever").unwrap_err();
    assert_eq!(unknown.to_string(), "there is no host named `sever`; did you mean `server`?");
    let unknown = net.link_counters("x", "server").unwrap_err();
    assert_eq!(unknown.to_string(), "there is no host named `x`");
    net.host("client", || async {
        let socket = UdpSocket::bind("0.0.0.0:7").await?;
        let kind = |result: std::io::Result<usize>| result.unwrap_err().kind();
        assert_eq!(UdpSocket::bind("0.0.0.0:7").await.unwrap_err().kind(), ErrorKind::AddrInUse);
        let other = UdpSocket::bind("server:7").await.unwrap_err();
        assert_eq!(other.to_string(), "`server` is another host");
        assert_eq!(kind(socket.send_to(b"", "nobody:1").await), ErrorKind::NotFound);
        assert_eq!(kind(socket.send_to(b"", "10.0.0.3:1").await), ErrorKind::AddrNotAvailable);
        assert_eq!(kind(socket.send_to(b"", "no port").await), ErrorKind::InvalidInput);
        assert_eq!(kind(socket.send_to(&[0; 65_508], "server:1").await), ErrorKind::InvalidInput);
        assert_eq!(lookup("server")?.to_string(), "10.0.0.1");
        drop(socket);
        UdpSocket::bind("0.0.0.0:7").await?;
        Ok(())
    })
    .unwrap();
    net.run_until_finished("client", net.now()).unwrap();
}
