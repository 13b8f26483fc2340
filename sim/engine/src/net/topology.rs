//! Named nodes and the links between them, made on first use.

use super::books::Counters;
use super::link::{Link, LinkStreams};
use super::spec::LinkSpec;
use crate::streams::Streams;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How many nodes one topology may hold.
pub const NODES_MAX: u32 = 1 << 20;
/// The longest name of a node, as in the domain name system.
pub const NODE_NAME_BYTES_MAX: usize = 253;

/// A node of one topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct NodeId(u32);

impl NodeId {
    /// The node's place in the order in which nodes were added, from zero.
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// Why a node cannot be added, in the order in which the reasons are looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// The name is empty, too long, or has letters that are not allowed.
    #[error("`{0}` is not a host name: 1 to {NODE_NAME_BYTES_MAX} of a-z, A-Z, 0-9, `.`, `_`, `-`")]
    Name(String),
    /// There is one of that name.
    #[error("there is already a host named `{0}`")]
    NameTaken(String),
    /// There are as many as there may be.
    #[error("a network holds at most {NODES_MAX} hosts")]
    TooMany,
}

/// Nodes, and a link from each to each that comes into being when it is first spoken of.
#[derive(Clone, Debug)]
pub struct Topology {
    streams: Streams,
    default: LinkSpec,
    by_name: BTreeMap<String, NodeId>,
    // INVARIANT: both have one element for every node, in the order of adding.
    names: Vec<String>,
    out: Vec<BTreeMap<NodeId, Box<Link>>>,
}

impl Topology {
    /// No nodes yet; links that nobody describes will be like `default`.
    pub const fn new(streams: Streams, default: LinkSpec) -> Self {
        Self { streams, default, by_name: BTreeMap::new(), names: Vec::new(), out: Vec::new() }
    }

    /// Adds a node.
    pub fn add(&mut self, name: &str) -> Result<NodeId, NodeError> {
        if !is_name(name) {
            return Err(NodeError::Name(name.to_owned()));
        }
        let next = u32::try_from(self.names.len()).ok().filter(|&n| n < NODES_MAX);
        match self.by_name.entry(name.to_owned()) {
            Entry::Occupied(taken) => Err(NodeError::NameTaken(taken.key().clone())),
            Entry::Vacant(free) => {
                let id = *free.insert(NodeId(next.ok_or(NodeError::TooMany)?));
                self.names.push(name.to_owned());
                self.out.push(BTreeMap::new());
                Ok(id)
            }
        }
    }
    /// The node of that name.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.by_name.get(name).copied()
    }
    /// The node at that place in the order of adding.
    pub fn at(&self, index: u32) -> Option<NodeId> {
        (slot(NodeId(index)) < self.names.len()).then_some(NodeId(index))
    }
    /// Every name, in the order of adding.
    pub fn names(&self) -> &[String] {
        &self.names
    }
    /// The name of a node of this topology.
    #[expect(
        clippy::indexing_slicing,
        reason = "only `add` makes ids, and no node is ever removed"
    )]
    pub fn name(&self, id: NodeId) -> &str {
        &self.names[slot(id)]
    }

    /// The link from one node of this topology to another, made now if nobody has spoken of it
    /// before. A node's link to itself is [`LinkSpec::LOOPBACK`] until it is changed.
    #[expect(
        clippy::indexing_slicing,
        reason = "only `add` makes ids, and no node is ever removed"
    )]
    pub fn link(&mut self, from: NodeId, to: NodeId) -> &mut Link {
        let Self { streams, default, names, out, .. } = self;
        out[slot(from)].entry(to).or_insert_with(|| {
            let id = format!("{}->{}", names[slot(from)], names[slot(to)]);
            let spec = if from == to { LinkSpec::LOOPBACK } else { default.clone() };
            Box::new(Link::new(spec, LinkStreams::new(streams, &id)))
        })
    }
    /// Every link that has come into being, ordered by source and then by target.
    pub fn links(&self) -> impl Iterator<Item = (NodeId, NodeId, &Link)> {
        (0_u32..)
            .map(NodeId)
            .zip(&self.out)
            .flat_map(|(from, out)| out.iter().map(move |(to, link)| (from, *to, link.as_ref())))
    }
    /// The books of all links together.
    pub fn counters(&self) -> Counters {
        let zero = Counters::default();
        self.links().fold(zero, |sum, (_, _, link)| sum.plus(link.counters()))
    }
}

#[expect(clippy::as_conversions, reason = "no supported target has addresses below 32 bits")]
const fn slot(id: NodeId) -> usize {
    id.0 as usize
}

fn is_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=NODE_NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Fate, Happening, Packet, Ratio};
    use koosim_model::time::SimTime;

    fn three() -> (Topology, [NodeId; 3]) {
        let lossy = LinkSpec::from_millis(40).loss(Ratio::percent(50));
        let mut net = Topology::new(Streams::new(7), lossy);
        let ids = ["a", "b", "c"].map(|name| net.add(name).unwrap());
        (net, ids)
    }

    fn verdicts(net: &mut Topology, from: NodeId, to: NodeId) -> Vec<Happening> {
        let link = net.link(from, to);
        (0..32).for_each(|ns| link.offer(SimTime::from_nanos(ns), Packet::new(0, 64)));
        let due = std::iter::repeat_with(|| {
            let (at, phase) = link.next_due()?;
            link.poll(at, phase)
        });
        due.map_while(|told| told).collect()
    }

    #[test]
    fn links_come_into_being_when_they_are_used() {
        let (mut net, [a, b, _]) = three();
        assert_eq!(net.links().count(), 0);
        verdicts(&mut net, a, b);
        assert_eq!(net.links().map(|(from, to, _)| (from, to)).collect::<Vec<_>>(), [(a, b)]);
        assert_eq!(net.counters().offered.packets, 32);
        assert!(net.counters().are_conserved());
    }

    #[test]
    fn the_order_in_which_links_come_into_being_changes_no_draw() {
        let (mut first, [a, b, c]) = three();
        let (mut second, _) = three();
        let direct = verdicts(&mut first, a, b);
        verdicts(&mut second, b, a);
        verdicts(&mut second, c, b);
        assert_eq!(verdicts(&mut second, a, b), direct);
        assert_ne!(verdicts(&mut first, b, a), direct);
    }

    #[test]
    fn names_are_unique_and_cannot_be_mistaken_for_links() {
        let (mut net, [a, ..]) = three();
        assert_eq!(net.add("a"), Err(NodeError::NameTaken("a".to_owned())));
        for bad in ["", "a->b", "a b", "a:80", &"x".repeat(NODE_NAME_BYTES_MAX + 1)] {
            assert_eq!(net.add(bad), Err(NodeError::Name(bad.to_owned())));
        }
        assert_eq!((net.find("a"), net.find("x")), (Some(a), None));
        assert_eq!((net.at(0), net.at(3)), (Some(a), None));
    }

    #[test]
    fn a_node_reaches_itself_without_loss_and_not_at_once() {
        let (mut net, [a, ..]) = three();
        let told = verdicts(&mut net, a, a);
        let arrived = told.iter().filter(|told| matches!(told.fate, Fate::Arrived { .. }));
        let at: Vec<i64> = arrived.map(|told| told.at.as_nanos()).collect();
        assert_eq!(at, (10_000..10_032).collect::<Vec<_>>());
    }
}
