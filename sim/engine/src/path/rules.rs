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
    use crate::path::Taps;
    use koosim_media::work::{Definition, Machine};
    use koosim_model::name::{AccountId, Name};
    use koosim_model::rulebook::Rulebook;
    use koosim_model::time::SimDuration;
    use koosim_transport::control::Mode;

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

    fn flow(control: ControlKind, codec: Codec, rest: Option<Taps>) -> Vec<RuleId> {
        let plan = FlowPlan {
            flow: Name::new("f1").unwrap(),
            account: AccountId::new("acme").unwrap(),
            phone: None,
            content: Content::Game,
            definition: Definition::P720,
            codec,
            encoder: Machine::Hardware,
            decoder: Machine::Hardware,
            frame_rate: 60,
            bitrate: Rate::kilobits(4_000),
            control,
            repair: Repair::Repeats,
            feedback: FeedbackKind::Transport,
            ecn: false,
            taps: rest,
            channel: Mode::TwoClasses,
            viewers: Vec::new(),
            sound: None,
        };
        PathOrder::StartFlow(Box::new(plan)).rules()
    }

    #[test]
    fn a_flow_follows_the_rules_of_what_it_is_made_of() {
        let book = Rulebook::standard();
        let second = SimDuration::from_secs(1);
        let taps = Taps { every: second, hold: second, moves: None };
        let all = [
            (ControlKind::Gcc, Codec::H264, None, t(3, 6)),
            (ControlKind::Nada, Codec::H265, None, t(3, 8)),
            (ControlKind::Scream, Codec::H264, Some(taps), t(3, 9)),
        ];
        for (control, codec, taps, law) in all {
            let rules = flow(control, codec, taps);
            assert!(rules.iter().all(|rule| book.rule(*rule).is_some()), "{rules:?}");
            let of_control = |rule: &&RuleId| [t(3, 6), t(3, 8), t(3, 9)].contains(*rule);
            let laws: Vec<_> = rules.iter().filter(of_control).collect();
            assert_eq!(laws, [&law]);
            assert_eq!(rules.contains(&t(2, 9)), codec == Codec::H264);
            assert_eq!(rules.contains(&t(5, 4)), taps.is_some());
            assert!(!rules.contains(&t(4, 7)), "no sound");
        }
    }
}
