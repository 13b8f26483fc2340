//! What a streaming session does between its preparation and its end (P4.1).

use super::diagram;
use std::fmt;

machine! {
    /// Where the session of a phone stands.
    SessionStatus {
        /// It has none.
        None = "none",
        /// It waits for its turn to be restored.
        Queued = "queued",
        /// Its data are on their way to a slot.
        Restoring = "restoring",
        /// A stream can be authorised.
        Ready = "ready",
        /// A stream can begin with the token that was given out (P4.2).
        Authorised = "authorised",
        /// Picture and input go to and fro.
        Streaming = "streaming",
        /// The connection is lost; the client may come back (P4.6).
        Interrupted = "interrupted",
        /// The stream stopped, the session did not (P4.3).
        Lingering = "lingering",
    }
    /// What can befall a session.
    SessionTrigger {
        /// Too many others are being restored (P4.1).
        Queue = "session_queued" [None => Queued],
        /// The restore that it waits for has begun (P4.1).
        Restore = "session_restoring" [None => Restoring, Queued => Restoring],
        /// The phone is on a slot and runs (P4.1).
        Prepare = "session_prepared" [
            None => Ready, Queued => Ready, Restoring => Ready],
        /// A token was given out; one more takes the place of the first (P4.2).
        Authorise = "stream_authorised" [
            Ready => Authorised, Authorised => Authorised, Lingering => Authorised,
            Interrupted => Interrupted],
        /// Nobody used the token in time (P4.2).
        Lapse = "authorisation_lapsed" [Authorised => Ready],
        /// A device began to watch and control (P4.1).
        Start = "stream_started" [Authorised => Streaming],
        /// Another device watches too (P4.12).
        Join = "viewer_joined" [Streaming => Streaming],
        /// A device does not watch any more (P4.12).
        Part = "viewer_left" [Streaming => Streaming],
        /// Another device controls (P4.12).
        Control = "control_given" [Streaming => Streaming],
        /// The connection was lost, or the phone restarts (P4.6).
        Interrupt = "stream_interrupted" [Streaming => Interrupted],
        /// The client came back (P4.6).
        Resume = "stream_resumed" [Interrupted => Streaming],
        /// The stream is over (P4.3).
        Stop = "stream_stopped" [Streaming => Lingering, Interrupted => Lingering],
        /// The session is over (P4.3).
        End = "session_ended" [
            Queued => None, Restoring => None, Ready => None, Authorised => None,
            Lingering => None],
    }
}
