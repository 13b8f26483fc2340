//! Which rules carry out an order: what `rules --coverage` counts for pictures, whose records stand below the log.

use super::order::{ControlKind, FlowPlan, Pace, PathOrder};
use crate::net::{Capacity, LinkSpec, Loss, QueueSpec};
use koosim_media::content::Content;
use koosim_media::work::Codec;
use koosim_model::rulebook::{Family, RuleId};
use koosim_transport::endpoint::{FeedbackKind, Repair};

const fn t(section: u8, number: u8) -> RuleId {
    RuleId::new(Family::T, section, number)
}

impl PathOrder {
    /// The rules by which it is carried out, in any order. Pausing, ending and changing what was begun have none of
    /// their own.
    pub fn rules(&self) -> Vec<RuleId> {
        match self {
            Self::SetLink { spec, .. } => of_link(spec),
            Self::StartFlow(plan) => of_flow(plan),
            Self::StartTraffic(plan) => match plan.pace {
                Pace::Steady { .. } | Pace::Bursts { .. } => Vec::new(),
                Pace::Endless(_) | Pace::Transfers { .. } => vec![t(3, 4)],
            },
            Self::CutLink { .. }
            | Self::StopFlow(_)
            | Self::PauseFlow { .. }
            | Self::ChangeNetwork { .. }
            | Self::Measure(_)
            | Self::StopTraffic(_) => Vec::new(),
        }
    }
}

fn of_link(spec: &LinkSpec) -> Vec<RuleId> {
    let mut rules = Vec::new();
    match spec.capacity_spec() {
        // Nothing waits and nothing takes time to send.
        Capacity::Unlimited => {}
        Capacity::Constant(_) | Capacity::Steps(_) | Capacity::Opportunities(_) => {
            rules.extend([t(1, 1), t(1, 3)]);
        }
        Capacity::Bucket(_) => rules.extend([t(1, 1), t(1, 3), t(1, 7)]),
    }
    if !rules.is_empty() {
        rules.push(match spec.queue_spec() {
            QueueSpec::DropTail(_) => t(1, 2),
            QueueSpec::CoDel(_) => t(1, 4),
            QueueSpec::FqCoDel(_) => t(1, 5),
            QueueSpec::Pie(_) => t(1, 6),
        });
    }
    if let Loss::Bursts(_) = spec.loss_spec() {
        rules.push(t(1, 8));
    }
    rules
}

fn of_flow(plan: &FlowPlan) -> Vec<RuleId> {
    // Packets, reports and requests; measures and stages.
    let mut rules = vec![t(2, 1), t(2, 4), t(2, 5), t(3, 5), t(4, 1), t(5, 1), t(6, 2), t(6, 3)];
    match plan.feedback {
        FeedbackKind::Transport => rules.extend([t(2, 3), t(2, 7)]),
        FeedbackKind::Congestion => rules.push(t(2, 8)),
    }
    rules.push(match plan.codec {
        Codec::H264 => t(2, 9),
        Codec::H265 => t(2, 10),
    });
    match plan.repair {
        Repair::None => {}
        Repair::Repeats | Repair::Parity | Repair::Both => rules.push(t(2, 12)),
    }
    match plan.control {
        ControlKind::Gcc => rules.extend([t(3, 6), t(3, 7)]),
        ControlKind::Nada => rules.push(t(3, 8)),
        ControlKind::Scream => rules.push(t(3, 9)),
        ControlKind::Fixed => {}
    }
    rules.push(t(4, 3));
    match plan.content {
        Content::Idle | Content::UserInterface => rules.push(t(4, 4)),
        Content::Game => rules.push(t(4, 5)),
        Content::ScrollingText | Content::Video | Content::Call => {}
    }
    if plan.sound.is_some() {
        rules.extend([t(2, 11), t(4, 7)]);
    }
    if plan.taps.is_some() {
        rules.extend([t(5, 2), t(5, 3), t(5, 4), t(6, 4)]);
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Bucket, Limit, Rate};
    use koosim_model::name::Name;
    use koosim_model::rulebook::Rulebook;
    use koosim_model::time::SimDuration;

    fn rules(spec: LinkSpec) -> Vec<RuleId> {
        let link = Name::new("down").unwrap();
        PathOrder::SetLink { link, spec: Box::new(spec) }.rules()
    }

    #[test]
    fn a_link_follows_the_rules_of_its_stages() {
        let link = LinkSpec::new(SimDuration::from_millis(9)).unwrap();
        assert_eq!(rules(link.clone()), [], "nothing waits");
        let slow = link.clone().rate(Rate::kilobits(900), Limit::Packets(9));
        assert_eq!(rules(slow), [t(1, 1), t(1, 3), t(1, 2)]);
        let bucket = Bucket::new(Rate::kilobits(900), 3_000);
        assert!(rules(link.capacity(Capacity::Bucket(bucket))).contains(&t(1, 7)));
    }

    #[test]
    fn every_rule_named_is_one_of_the_book() {
        for (section, last) in [(1, 9), (2, 12), (3, 9), (4, 7), (5, 6), (6, 5)] {
            let book = Rulebook::standard();
            assert!((1..=last).all(|number| book.rule(t(section, number)).is_some()), "{section}");
        }
    }
}
