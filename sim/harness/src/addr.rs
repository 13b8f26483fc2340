//! Names, addresses and ports. Host number `n` has the address `10.0.0.1 + n`.

use crate::host::current;
use crate::world::{World, enter_as};
use koosim_engine::net::NodeId;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// A port of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Endpoint {
    pub(crate) host: NodeId,
    pub(crate) port: u16,
}

impl Endpoint {
    pub(crate) const fn socket_addr(self) -> SocketAddr {
        SocketAddr::new(address(self.host), self.port)
    }
}

const FIRST: u32 = Ipv4Addr::new(10, 0, 0, 1).to_bits();

/// The address of a host.
pub(crate) const fn address(host: NodeId) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(FIRST + host.index()))
}

/// What names a port of a host: `("server", 80)`, `"server:80"`, an address and a port, or a
/// [`SocketAddr`].
pub trait ToAddr: sealed::Sealed {}

impl<T: sealed::Sealed> ToAddr for T {}

mod sealed {
    use super::{IpAddr, Ipv4Addr, SocketAddr, io};

    /// How a host is named.
    #[derive(Clone, Copy, Debug)]
    pub enum Place<'a> {
        Address(IpAddr),
        Name(&'a str),
    }

    pub trait Sealed {
        #[doc(hidden)]
        fn place(&self) -> io::Result<(Place<'_>, u16)>;
    }

    impl Sealed for SocketAddr {
        fn place(&self) -> io::Result<(Place<'_>, u16)> {
            Ok((Place::Address(self.ip()), self.port()))
        }
    }
    impl Sealed for (IpAddr, u16) {
        fn place(&self) -> io::Result<(Place<'_>, u16)> {
            Ok((Place::Address(self.0), self.1))
        }
    }
    impl Sealed for (Ipv4Addr, u16) {
        fn place(&self) -> io::Result<(Place<'_>, u16)> {
            Ok((Place::Address(self.0.into()), self.1))
        }
    }
    impl Sealed for (&str, u16) {
        fn place(&self) -> io::Result<(Place<'_>, u16)> {
            Ok((Place::Name(self.0), self.1))
        }
    }
    impl Sealed for str {
        fn place(&self) -> io::Result<(Place<'_>, u16)> {
            let parts = self.rsplit_once(':');
            let parts =
                parts.and_then(|(host, port)| Some((Place::Name(host), port.parse().ok()?)));
            parts.ok_or_else(|| {
                let message = format!("`{self}` is not a host and a port, such as `server:80`");
                io::Error::new(io::ErrorKind::InvalidInput, message)
            })
        }
    }
    impl Sealed for String {
        fn place(&self) -> io::Result<(Place<'_>, u16)> {
            self.as_str().place()
        }
    }
    impl<T: Sealed + ?Sized> Sealed for &T {
        fn place(&self) -> io::Result<(Place<'_>, u16)> {
            (**self).place()
        }
    }
}

use sealed::Place;

/// The port of any host that an address names, as seen from a host of this network.
pub(crate) fn resolve(world: &World, own: NodeId, addr: &impl ToAddr) -> io::Result<Endpoint> {
    let (place, port) = addr.place()?;
    let host = match place {
        Place::Name("localhost") => own,
        Place::Address(address) => by_address(world, own, address)?,
        Place::Name(name) => match name.parse() {
            Ok(address) => by_address(world, own, address)?,
            Err(_) => world.find(name).map_err(|e| io::Error::new(io::ErrorKind::NotFound, e))?,
        },
    };
    Ok(Endpoint { host, port })
}

/// The port of this host that an address names.
pub(crate) fn resolve_own(world: &World, own: NodeId, addr: &impl ToAddr) -> io::Result<u16> {
    let Endpoint { host, port } = resolve(world, own, addr)?;
    if host == own {
        return Ok(port);
    }
    let message = format!("`{}` is another host", world.topology.name(host));
    Err(io::Error::new(io::ErrorKind::AddrNotAvailable, message))
}

fn by_address(world: &World, own: NodeId, address: IpAddr) -> io::Result<NodeId> {
    if address.is_unspecified() || address.is_loopback() {
        return Ok(own);
    }
    let index = match address {
        IpAddr::V4(v4) => v4.to_bits().checked_sub(FIRST),
        IpAddr::V6(_) => None,
    };
    index.and_then(|index| world.topology.at(index)).ok_or_else(|| {
        let message = format!("no host has the address `{address}`");
        io::Error::new(io::ErrorKind::AddrNotAvailable, message)
    })
}

/// The address of the host of that name; for this, the name system of a network is asked at once.
pub fn lookup(name: &str) -> io::Result<IpAddr> {
    let life = current()?;
    enter_as(life, |world| Ok(address(resolve(world, life.host, &(name, 0))?.host)))
}
