//! Random statements and requests, the same for the same number.

use crate::said::{ABSENT, Asked, Condition, KEYS, Key, Kind, Meaning, Operator, Said, Sets};
use koosim_engine::streams::Stream;

const ACTIONS: [&str; 10] = [
    "*:*:*",
    "ecs:*:*",
    "ecs:servers:*",
    "ecs:Servers:Get*",
    "ecs:*:*e*",
    "ecs:servers:list",
    "obs:bucket:*Object*",
    "obs:*:put",
    "*:servers:*",
    "ecs:*",
];
const WANTED: [&str; 6] = [
    "ecs:servers:list",
    "ecs:servers:getOne",
    "ecs:disks:delete",
    "obs:bucket:PutObjectAcl",
    "obs:object:put",
    "dns:zone:list",
];
const RESOURCES: [&str; 7] = [
    "*",
    "*:*:*:*:*",
    "obs:*:*:bucket:Test*",
    "obs:*:*:*:*log*",
    "obs:::Bucket:TestOne",
    "*:cn-*:*:object:a:*",
    "ecs:cn-north-4:d1:server:*",
];
const TARGETS: [&str; 6] = [
    "obs:::bucket:TestOne",
    "obs:::bucket:testOne",
    "obs:cn-north-4:d1:object:a:log:1",
    "obs:cn-south-1:d1:object:a",
    "ecs:cn-north-4:d1:Server:s1",
    "ecs:cn-north-4:d2:disk:*",
];

/// One of a list.
fn one<T: Copy>(stream: &mut Stream, list: &[T]) -> T {
    list[usize::try_from(stream.up_to(list.len() as u64 - 1)).unwrap()]
}

fn chance(stream: &mut Stream, of: u64) -> bool {
    stream.chance(1, of)
}

fn some<T: Copy>(stream: &mut Stream, list: &[T], most: u64) -> Vec<T> {
    (0..=stream.up_to(most - 1)).map(|_| one(stream, list)).collect()
}

/// A value as a condition lists it: of the kind that its operator wants.
fn listed(stream: &mut Stream, key: Key, operator: Operator) -> String {
    match operator.meaning {
        Meaning::Absent | Meaning::Flag => one(stream, &["true", "false"]).to_owned(),
        Meaning::Like => {
            one(stream, &["*", "a*", "*b", "*6*", "s6.*", "ann", "b*b*", ""]).to_owned()
        }
        Meaning::Start | Meaning::End => {
            one(stream, &["a", "ANN", "bob", "b*", "s6", "LARGE", ""]).to_owned()
        }
        Meaning::Order(_) if key.kind == Kind::Instant => {
            one(stream, &["2024-03-01T00:00:00Z", "2024-12-31T16:00:00Z"]).to_owned()
        }
        Meaning::Order(_) => one(stream, &["-2", "0", "3", "4"]).to_owned(),
        Meaning::Equal | Meaning::EqualFolded => one(stream, key.values).to_owned(),
    }
}

fn condition(stream: &mut Stream) -> Condition {
    let key = one(stream, &KEYS);
    let absent = chance(stream, 8);
    let operator = if absent { ABSENT } else { one(stream, key.kind.operators()) };
    let values = (0..=stream.up_to(2)).map(|_| listed(stream, key, operator)).collect();
    let sets = match key.kind {
        Kind::Texts if !absent => one(stream, &[Sets::Plain, Sets::Any, Sets::All]),
        _ => Sets::Plain,
    };
    Condition { operator, sets, if_exists: !absent && chance(stream, 3), key, values }
}

/// One statement.
pub fn said(stream: &mut Stream) -> Said {
    let allows = !chance(stream, 4);
    let actions = (some(stream, &ACTIONS, 2), chance(stream, 6));
    let resources = chance(stream, 2).then(|| (some(stream, &RESOURCES, 2), chance(stream, 6)));
    let mut conditions: Vec<Condition> = Vec::new();
    for _ in 0..stream.up_to(2) {
        let next = condition(stream);
        let same = |one: &Condition| {
            (one.key.name, crate::ours::operator(one))
                == (next.key.name, crate::ours::operator(&next))
        };
        // A key stands once under an operator.
        if !conditions.iter().any(same) {
            conditions.push(next);
        }
    }
    Said { allows, actions, resources, conditions }
}

/// One request.
pub fn asked(stream: &mut Stream) -> Asked {
    let action = one(stream, &WANTED);
    let resource = (!chance(stream, 4)).then(|| one(stream, &TARGETS));
    let context = KEYS.into_iter().filter_map(|key| {
        let count = match key.kind {
            _ if chance(stream, 3) => return None,
            Kind::Texts => stream.up_to(3),
            Kind::Text | Kind::Number | Kind::Instant | Kind::Flag => 1,
        };
        Some((key, (0..count).map(|_| one(stream, key.values)).collect()))
    });
    Asked { action, resource, context: context.collect() }
}
