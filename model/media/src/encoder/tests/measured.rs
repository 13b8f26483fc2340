//! The shape of the model against what openh264 made of synthetic pictures.

use super::*;

const TABLE: &str = include_str!("../../../data/openh264/sizes.tsv");

/// One row of the table.
struct Row {
    content: &'static str,
    kbps: u32,
    key: f64,
    units: Vec<u32>,
    mean: f64,
    least: u32,
    cv: f64,
}

fn table() -> Vec<Row> {
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let number = |place: usize| columns[place].parse::<f64>().unwrap();
        Row {
            content: columns[0],
            kbps: columns[1].parse().unwrap(),
            key: number(2),
            units: columns[3].split('+').map(|unit| unit.parse().unwrap()).collect(),
            mean: number(4),
            least: columns[5].parse().unwrap(),
            cv: number(6),
        }
    };
    TABLE.lines().skip(1).map(row).collect()
}

/// Key frame, mean and coefficient of variation of the others, as the model has them.
fn modelled(content: Content, kbps: u32) -> (f64, f64, f64) {
    let frames = Run::new(options(kbps), content).until(ms(20_000)).frames();
    let others = Moments::of(&sizes(&frames[60..])).unwrap();
    (f64::from(frames[0].bytes), others.mean, others.cv())
}

#[test]
fn the_least_frame_and_the_parameter_sets_are_the_real_encoder_s() {
    let table = table();
    assert_eq!(table.iter().map(|row| row.least).min(), Some(EncodedFrame::LEAST_BYTES));
    for row in &table {
        let [sets @ .., slice] = row.units.as_slice() else { panic!() };
        let nals = NalSizes::new(Codec::H264, true, *slice);
        assert!(nals.iter().eq(sets.iter().copied().chain([*slice])), "{}", row.content);
        assert!((f64::from(nals.total()) - row.key).abs() < 0.5);
    }
}

#[test]
fn text_and_motion_lie_in_the_same_bands_as_the_real_encoder_s() {
    // Key frame over others, and coefficient of variation of the others.
    for (name, content, ratios, cvs) in [
        ("ScrollingText", Content::ScrollingText, 30.0..200.0, 0.4..1.0),
        ("MovingTexture", Content::Game, 1.5..15.0, 0.05..0.3),
    ] {
        let rows: Vec<Row> = table().into_iter().filter(|row| row.content == name).collect();
        assert_eq!(rows.len(), 3);
        for row in rows {
            let (key, mean, cv) = modelled(content, row.kbps);
            for (key, mean, cv) in [(row.key, row.mean, row.cv), (key, mean, cv)] {
                assert!(ratios.contains(&(key / mean)), "{name} {} {key} {mean}", row.kbps);
                assert!(cvs.contains(&cv), "{name} {} {cv}", row.kbps);
            }
        }
    }
}

#[test]
fn a_page_of_text_weighs_what_the_real_encoder_s_does() {
    let fine = table().into_iter().find(|row| row.content == "ScrollingText" && row.kbps == 8_000);
    let (key, ..) = modelled(Content::ScrollingText, 8_000);
    let share = key / fine.unwrap().key;
    assert!((share - 1.0).abs() < 0.2, "{share}");
}

#[test]
fn motion_fills_the_rate_as_the_real_encoder_does() {
    for row in table().into_iter().filter(|row| row.content == "MovingTexture") {
        let (_, mean, _) = modelled(Content::Game, row.kbps);
        let share = mean / row.mean;
        assert!((share - 1.0).abs() < 0.3, "{} {share}", row.kbps);
    }
}
