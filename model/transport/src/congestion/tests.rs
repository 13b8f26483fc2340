use super::Fixed;
use crate::BitRate;
use crate::congestion::Controller;
use koosim_time::SimTime;

#[test]
fn fixed_rate_stays() {
    let mut fixed = Fixed::new(BitRate::from_kbps(500));
    fixed.on_loss(SimTime::EPOCH, super::Loss { lost: 9, of: 10 });
    assert_eq!(fixed.target_rate(), BitRate::from_kbps(500));
    assert_eq!(fixed.pacing_rate(), BitRate::from_kbps(1000));
    assert_eq!(fixed.next_due(), None);
}
