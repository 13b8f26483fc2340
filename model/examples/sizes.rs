#![allow(missing_docs, clippy::print_stdout)]
use std::mem::size_of as s;
fn main() {
    use koosim_model::{command::*, decision::*, event::*, money::*, name::*, state::*};
    println!(
        "Phone {} Charging {} Sub {} Metering {} Account {} Funds {} Returns {} Ledger {} Event {} Settled {} Split {} Decided {} TimerKey {} TimerOp {} Name {} Holds {} Task {:?} Place {} Setup {} Usage {} Stretches {} Phase {}",
        s::<Phone>(),
        s::<Charging>(),
        s::<Subscription>(),
        s::<Metering>(),
        s::<Account>(),
        s::<Funds>(),
        s::<Returns>(),
        s::<koosim_model::ledger::Ledger>(),
        s::<Event>(),
        s::<Settled>(),
        s::<Split>(),
        s::<Decided>(),
        s::<TimerKey>(),
        s::<TimerOp>(),
        s::<Name>(),
        s::<Holds>(),
        s::<Option<Task>>(),
        s::<Option<Place>>(),
        s::<Option<Setup>>(),
        s::<Usage>(),
        s::<Stretches>(),
        s::<Phase>()
    );
    println!("{} {}", s::<Command>(), s::<Amount>());
}
