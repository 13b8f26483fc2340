//! Async components on the virtual network, under a paused clock.
