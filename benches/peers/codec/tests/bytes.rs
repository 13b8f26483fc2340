//! The same pictures give the same bytes, which decode to pictures like those that went in.

use koosim_peers_codec::{
    CLOCK_HZ, Content, LiveDecoder, LiveEncoder, Picture, SceneChange, Settings, decode, digest,
    encode, frames, psnr,
};

/// Pictures of a test.
const COUNT: usize = 6;

#[test]
fn twice_the_same_bytes() {
    for content in Content::ALL {
        let once = frames(content, COUNT, Settings::default()).unwrap();
        assert_eq!(frames(content, COUNT, Settings::default()).unwrap(), once, "{content:?}");
    }
}

/// Byte identity was tried on this architecture only.
#[cfg(target_arch = "x86_64")]
#[test]
fn bytes_are_those_of_the_pinned_release() {
    let digests = Content::ALL.map(|content| {
        let pictures = frames(content, COUNT, Settings::default()).unwrap();
        digest(&pictures)
    });
    assert_eq!(
        digests.each_ref().map(String::as_str),
        [
            "94c8b59296af62015b12402e7b023636a7e971f2103744a113dbcb48cf0f36f2",
            "d27bb1cf692c8a5224fc4bc3e5923452073c631ed8b3f987e6f90f43630aa9dd",
            "792ea85e1dce4e18f0c20a189592b061085e10e882878dc835a87fefabdffdff",
        ]
    );
}

#[test]
fn every_picture_is_decoded_and_resembles_its_original() {
    for (content, least) in
        [(Content::Still, 40.0), (Content::ScrollingText, 40.0), (Content::MovingTexture, 26.0)]
    {
        let decoded = decode(&frames(content, COUNT, Settings::default()).unwrap()).unwrap();
        assert_eq!(decoded.len(), COUNT);
        for (number, luma) in decoded.iter().enumerate() {
            let original = Picture::draw(content, number);
            let other = Picture::draw(content, number + 5);
            let quality = psnr(original.luma(), luma).unwrap();
            assert!(quality > least, "{content:?} {number}: {quality}");
            if content != Content::Still {
                assert!(psnr(other.luma(), luma).unwrap() < quality, "{content:?} {number}");
            }
        }
    }
}

#[test]
fn a_picture_carries_its_time_and_a_key_frame_its_parameter_sets() {
    let settings = Settings { key_interval: 3, frame_rate: 30, ..Settings::default() };
    let pictures = frames(Content::ScrollingText, COUNT, settings).unwrap();
    let keys: Vec<bool> = pictures.iter().map(|picture| picture.key).collect();
    assert_eq!(keys, [true, false, false, true, false, false]);
    for (number, picture) in (0..).zip(&pictures) {
        assert_eq!(picture.timestamp, number * CLOCK_HZ / 30);
        let kinds: Vec<u8> = picture.nals.iter().map(|nal| nal[0] & 31).collect();
        // 7 and 8 are parameter sets, 5 is a slice of a key frame, 1 of another.
        assert_eq!(kinds, if picture.key { vec![7, 8, 5] } else { vec![1] });
        assert!(picture.nals.iter().all(|nal| nal.last() != Some(&0)), "a zero ends a unit");
    }
}

#[test]
fn a_new_scene_begins_with_a_key_frame_only_if_scenes_are_looked_for() {
    let keys = |scene_change| -> Vec<usize> {
        let contents = [Content::ScrollingText, Content::MovingTexture];
        let scenes =
            contents.iter().flat_map(|content| (0..10).map(|n| Picture::draw(*content, n)));
        let pictures = encode(scenes, Settings { scene_change, ..Settings::default() }).unwrap();
        (0..20).filter(|number| pictures[*number].key).collect()
    };
    assert_eq!(keys(SceneChange::Ignored), [0]);
    // The encoder looks from time to time, not at every picture.
    let found = keys(SceneChange::KeyFrame);
    assert!(found.len() == 2 && found[1] >= 10, "{found:?}");
}

#[test]
fn a_requested_key_frame_lets_a_decoder_begin_in_the_middle() {
    let mut encoder = LiveEncoder::new(Settings::default()).unwrap();
    let text = |number| Picture::draw(Content::ScrollingText, number);
    for number in 0..3 {
        encoder.encode(&text(number)).unwrap();
    }
    encoder.skip();
    encoder.request_keyframe();
    let key = encoder.encode(&text(4)).unwrap();
    let after = encoder.encode(&text(5)).unwrap();
    assert_eq!((key.key, key.timestamp, after.key), (true, 4 * CLOCK_HZ / 60, false));
    let mut decoder = LiveDecoder::new().unwrap();
    for (picture, number) in [(key, 4), (after, 5)] {
        let luma = decoder.decode(&picture).unwrap().unwrap();
        let like = |number| psnr(text(number).luma(), &luma).unwrap();
        // The rate was spent on the first key frame, so that this one is coarse.
        assert!(like(number) > 15.0 && like(number) > like(number + 3) + 5.0, "{}", like(number));
    }
}
