//! Byte formats, exact both ways: what is read is written back the same, what is malformed is refused with
//! the place. Nothing here knows an instant, a stream's history or a socket.
