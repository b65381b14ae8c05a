//! Wakers of connections, which do not wake a connection that is awake.
//!
//! hyper hands bodies over through a channel. Whoever takes a piece wakes the connection, which may now read the next one; but it is
//! the connection itself that polls the handler which takes it, and most bodies have one piece. It would be polled a second time for
//! every request, and find nothing to do. So that one call is not passed on where nothing is left of the body.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Calls {
    Pass,
    Wait,
    /// One waits.
    Came,
}

thread_local! {
    /// For calls from this thread.
    static CALLS: Cell<Calls> = const { Cell::new(Calls::Pass) };
}

struct Quiet(Waker);

impl Wake for Quiet {
    fn wake(self: Arc<Quiet>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Quiet>) {
        match CALLS.get() {
            Calls::Pass => self.0.wake_by_ref(),
            Calls::Wait | Calls::Came => CALLS.set(Calls::Came),
        }
    }
}

/// Awaits what reads bodies by [`poll_frame`].
pub async fn quiet<T>(main: impl Future<Output = T>) -> T {
    let mut main = pin!(main);
    let mut made: Option<(Waker, Waker)> = None;
    poll_fn(|context| {
        let of = made.take().filter(|(of, _)| of.will_wake(context.waker()));
        let new = || (context.waker().clone(), Arc::new(Quiet(context.waker().clone())).into());
        let (_, waker) = made.insert(of.unwrap_or_else(new));
        main.as_mut().poll(&mut Context::from_waker(waker))
    })
    .await
}

/// As the body's own, but wakes nobody when it gives the last piece.
pub fn poll_frame(body: &mut Incoming, context: &mut Context) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
    /// Also where hyper panics, or this thread would wake nobody any more.
    struct Pass;
    impl Drop for Pass {
        fn drop(&mut self) {
            CALLS.set(Calls::Pass);
        }
    }
    CALLS.set(Calls::Wait);
    let pass = Pass;
    let frame = Pin::new(&mut *body).poll_frame(context);
    let came = CALLS.get() == Calls::Came;
    drop(pass);
    if came && !(frame.is_ready() && body.is_end_stream()) {
        context.waker().wake_by_ref();
    }
    frame
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io::{Read, Write};

    use http_body_util::Full;
    use hyper::Response;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;

    use super::*;
    use crate::server::http1;

    /// How often a connection is polled for so many requests, each of which comes in so many pieces.
    fn polls(requests: usize, pieces: &'static [&'static str]) -> usize {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let client = std::thread::spawn(move || {
                let mut stream = std::net::TcpStream::connect(address).unwrap();
                stream.set_nodelay(true).unwrap();
                for _ in 0..requests {
                    for piece in pieces {
                        stream.write_all(piece.as_bytes()).unwrap();
                        std::thread::sleep(std::time::Duration::from_millis(5));
                    }
                    let mut answer = [0; 1024];
                    let length = stream.read(&mut answer).unwrap();
                    assert!(answer[..length].ends_with(b"\r\n\r\n12345678"), "{:?}", answer[..length].escape_ascii());
                }
            });
            let (stream, _) = listener.accept().await.unwrap();
            let service = service_fn(|mut request: hyper::Request<Incoming>| async move {
                let mut whole = Vec::new();
                let body = request.body_mut();
                while !body.is_end_stream()
                    && let Some(frame) = poll_fn(|context| poll_frame(body, context)).await
                {
                    whole.extend_from_slice(frame.unwrap().data_ref().unwrap());
                }
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(whole)))
            });
            let mut served = pin!(quiet(http1().serve_connection(TokioIo::new(stream), service)));
            let mut polls = 0;
            poll_fn(|context| {
                polls += 1;
                served.as_mut().poll(context)
            })
            .await
            .unwrap();
            client.join().unwrap();
            polls
        })
    }

    #[test]
    fn a_body_in_one_piece_costs_no_second_poll() {
        let requests = 20;
        let polls = polls(requests, &["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n12345678"]);
        // At the beginning and at the end there are some that belong to no request.
        assert!(polls <= requests + 4, "{polls}");
    }

    #[test]
    fn bodies_in_pieces_are_read_to_their_end() {
        polls(3, &["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n1234", "56", "78"]);
        polls(3, &["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n", "12345678"]);
    }
}
