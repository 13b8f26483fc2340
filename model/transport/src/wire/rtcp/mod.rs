//! RTCP: packets, and the compounds in which they travel (T2.4 to T2.8, RFC 3611).

mod congestion;
mod extended;
mod feedback;
mod goodbye;
mod packet;
mod remb;
mod report;
mod sdes;
mod transport_cc;

pub use congestion::{CongestionFeedback, CongestionStream, METRICS_MAX, Metric};
pub use extended::{DELAYS_MAX, DelaySince, Extended, ExtendedBlock};
pub use feedback::{Fir, FirEntry, Nack, NackEntry, Pli};
pub use goodbye::Goodbye;
pub use packet::{Body, Composition, Other, PACKET_LEN_MAX, Packet, packets, put_all};
pub use remb::{REMB_SSRCS_MAX, Remb};
pub use report::{REPORTS_MAX, ReceiverReport, ReportBlock, SenderReport};
pub use sdes::{CNAME, SdesChunk, SdesItem, SourceDescription};
pub use transport_cc::{Arrivals, TransportCc};
