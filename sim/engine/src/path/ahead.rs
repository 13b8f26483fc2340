//! What paths look at before its turn comes: among many flows, nearly all the waiting is for memory. Nothing but
//! speed depends on it.

use super::cargo::{End, Load, Parcel};
use super::sight::Way;
use super::viewer::Viewer;
use super::world::{Due, Paths};
use crate::prefetch::{prefetch, prefetch_at, prefetch_lines};
use koosim_transport::packet::Packet;

/// Links from which on it is worth while: those of fewer stay near by themselves. Sessions with two links each, by
/// turns, with and without looking ahead: on an idle machine it costs 14 % with 200 links and 7 % with 400, and saves
/// 6 % with 800 and 29 % with 2,000; where neighbours use the memory as well, it is even with 400, and saves 18 % with
/// 800 and 40 % with 2,000.
const LINKS_MIN: usize = 400;
/// Steps in which what is due is looked at. Each needs what the one before it asked for, and has the time of one
/// happening to get it.
const STEPS: usize = 5;

impl Paths {
    /// Whether nothing of what is due can be seen, so that [`Self::catch_up`] is wanted after the next is taken.
    #[inline]
    pub(super) fn is_blind(&self) -> bool {
        self.links.len() >= LINKS_MIN && self.queue.ahead(0).is_none()
    }
    /// Something has been taken out of the queue: has what comes behind it brought near, one step further each,
    /// and waits for nothing.
    #[inline]
    pub(super) fn look_ahead(&self, was_blind: bool) {
        if self.links.len() < LINKS_MIN {
            return;
        }
        if was_blind {
            self.catch_up();
            return;
        }
        for step in 0..STEPS {
            self.look_at(step, STEPS - 1 - step);
        }
    }
    /// The queue has just turned up what comes next: does all steps of the first of these.
    fn catch_up(&self) {
        for step in 0..STEPS {
            (0..STEPS - step).for_each(|place| self.look_at(step, place));
        }
    }

    /// One step for what comes so many pops after the next one.
    #[inline(always)]
    fn look_at(&self, step: usize, place: usize) {
        match (self.queue.ahead(place), step) {
            (Some(Due::Link(link)), _) => self.look_at_link(*link, step),
            (Some(Due::Sender(number)), _) => self.look_at_sender(*number, step),
            (Some(Due::Receiver(number)), _) => self.look_at_receiver(*number, step),
            (Some(Due::Screen(number) | Due::Look(number)), 0) => {
                self.flows.get(*number).inspect(|flow| flow.prefetch());
            }
            (Some(Due::Encoded(number)), 0) => {
                self.flows.get(*number).inspect(|flow| flow.prefetch_frames());
            }
            (Some(Due::Encoded(number)), 1 | 3) => {
                self.flows.get(*number).inspect(|flow| flow.prefetch_encoded());
            }
            (Some(Due::Encoded(number)), 2) => {
                let viewers = self.flows.get(*number).map_or(&[][..], |flow| &flow.viewers);
                if let Some(viewer) = viewers.first().and_then(|first| self.viewers.get(*first)) {
                    viewer.prefetch_sender();
                }
            }
            _ => {}
        }
    }

    #[inline]
    fn look_at_link(&self, number: usize, step: usize) {
        let Some(link) = self.links.get(number) else { return };
        match step {
            0 => return link.prefetch(),
            1 => return link.prefetch_packets(),
            _ => {}
        }
        // From here on for packets that arrive.
        let Some(packet) = link.arriving() else { return };
        if step == 2 {
            return self.cargo.prefetch(packet.token);
        }
        let Some(parcel) = self.cargo.get(packet.token) else { return };
        let End::Viewer(viewer) = parcel.end else { return };
        if let Some(viewer) = self.viewers.get(viewer) {
            viewer.look_at_parcel(parcel, step);
        }
    }
    #[inline]
    fn look_at_sender(&self, number: usize, step: usize) {
        let Some(viewer) = self.viewers.get(number) else { return };
        match step {
            0 => viewer.prefetch_sender(),
            2 => {
                viewer.sender.places_ahead().into_iter().for_each(prefetch_at);
                viewer.route.down.first().inspect(|link| prefetch(*link));
                viewer.measured.at_hand().inspect(|bin| prefetch(*bin));
            }
            4 => {
                let link = viewer.route.down.first().and_then(|link| self.links.get(link.0));
                link.inspect(|link| link.prefetch());
            }
            _ => {}
        }
    }
    #[inline]
    fn look_at_receiver(&self, number: usize, step: usize) {
        let Some(viewer) = self.viewers.get(number) else { return };
        match step {
            0 => viewer.prefetch_receiver(),
            2 => {
                viewer.receiver.places_ahead(None).into_iter().for_each(prefetch_at);
                viewer.route.up.first().inspect(|link| prefetch(*link));
                if viewer.receiver.next_picture().is_some() {
                    viewer.prefetch_next_shown();
                    self.flows.get(viewer.flow).inspect(|flow| flow.prefetch_frames());
                }
            }
            4 => {
                let link = viewer.route.up.first().and_then(|link| self.links.get(link.0));
                link.inspect(|link| link.prefetch());
                if let Some(id) = viewer.receiver.next_picture() {
                    viewer.prefetch_shown();
                    viewer.prefetch_left();
                    self.flows.get(viewer.flow).inspect(|flow| flow.prefetch_frame(id));
                }
            }
            _ => {}
        }
    }
}

impl Viewer {
    /// Lines of a cache in which so many bytes lie that begin anywhere in one.
    pub(super) const fn lines(bytes: usize) -> usize {
        bytes.div_ceil(64) + 1
    }
    /// What every happening at a viewer looks at, beside its ends.
    #[inline]
    fn prefetch_common(&self) {
        prefetch(&self.flow);
        prefetch(&self.watching);
        prefetch(&self.network);
        prefetch(&self.route);
        prefetch(&self.sender_at);
        prefetch(&self.receiver_at);
        self.measured.prefetch_bins();
    }
    #[inline]
    fn prefetch_sender(&self) {
        prefetch_lines(&self.sender, 0..Self::lines(size_of_val(&self.sender)));
        self.prefetch_common();
    }
    #[inline]
    fn prefetch_receiver(&self) {
        self.receiver.places().into_iter().for_each(prefetch_at);
        self.prefetch_common();
    }
    /// Step three and later of a packet that is about to arrive.
    #[inline]
    fn look_at_parcel(&self, parcel: &Parcel, step: usize) {
        let Load::Media(packet) = &parcel.load else { return };
        match (parcel.way, step) {
            (Way::Down, 3) => self.prefetch_receiver(),
            (Way::Up, 3) => self.prefetch_sender(),
            (Way::Down, _) => {
                self.receiver.places_ahead(Some(packet)).into_iter().for_each(prefetch_at);
                self.measured.at_hand().inspect(|bin| prefetch(*bin));
            }
            (Way::Up, _) => {
                self.sender.places_ahead().into_iter().for_each(prefetch_at);
                if let Packet::TransportFeedback(report) = packet {
                    prefetch_lines(&**report, 0..2);
                }
            }
        }
    }
}
