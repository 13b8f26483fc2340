//! What a phone does besides living: power, data and the member it is bound to. Each is a machine of
//! its own; what they share is that a phone does one thing at a time (P2.9).

use super::diagram;
use std::fmt;

machine! {
    /// Power of a phone, in the words of the first vocabulary (P2.1).
    PowerStatus {
        /// Usable.
        Running = "running",
        /// On its way to `powered_off`, or to `stopped` after a backup.
        GoingOffline = "going_offline",
        /// Switched off by its owner.
        PoweredOff = "powered_off",
        /// Not on a slot: its data are in the object store (P4.4).
        Stopped = "stopped",
        /// On its way to `running`.
        Starting = "starting",
        /// Off and on again.
        Restarting = "restarting",
        /// Being initialised (P3.5, P3.6).
        Resetting = "resetting",
    }
    /// What can befall the power of a phone.
    PowerTrigger {
        /// Powering on was asked for (P2.6); a stopped phone is restored first (P4.1).
        PowerOn = "power_on" [PoweredOff => Starting, Stopped => Starting],
        /// Powering off was asked for (P2.6).
        PowerOff = "power_off" [Running => GoingOffline],
        /// A restart was asked for (P2.6).
        Restart = "restart" [Running => Restarting],
        /// A reset was asked for, or comes with unbinding (P3.5, P3.6).
        Reset = "reset" [Running => Resetting, PoweredOff => Resetting],
        /// A backup began (P4.4).
        BackUp = "back_up" [Running => GoingOffline, PoweredOff => GoingOffline],
        /// What was begun is done (P2.9).
        Done = "done" [GoingOffline => PoweredOff, Starting => Running, Restarting => Running,
            Resetting => Running],
        /// A backup is done: the slot is free (P4.4).
        BackedUp = "backed_up" [GoingOffline => Stopped],
        /// A backup or a restore failed (P2.3).
        Fail = "failed" [GoingOffline => PoweredOff, Starting => Stopped],
    }
}

machine! {
    /// Whose phone it is to use (P3.4).
    BindingStatus {
        /// Nobody's.
        Unassigned = "unassigned",
        /// A member's.
        Assigned = "assigned",
        /// Taken from its member, and not yet wiped.
        Unassigning = "unassigning",
    }
    /// What can befall a binding.
    BindingTrigger {
        /// A member was bound (P3.4).
        Bind = "bound" [Unassigned => Assigned],
        /// The member was unbound (P3.5).
        Unbind = "unbound" [Assigned => Unassigning],
        /// The phone is wiped (P3.5).
        Wiped = "wiped" [Unassigning => Unassigned],
    }
}

machine! {
    /// Where the data of a phone are (P4.1, P4.4).
    DataStatus {
        /// On the slot that it runs on.
        Loaded = "loaded",
        /// On their way to the object store.
        BackingUp = "backing_up",
        /// In the object store; the phone has no slot.
        Stored = "stored",
        /// On their way to a slot.
        Restoring = "restoring",
        /// Still on the slot: the backup failed.
        BackupFailed = "backup_failed",
        /// Still in the object store: the restore failed.
        RestoreFailed = "restore_failed",
    }
    /// What can befall the data of a phone.
    DataTrigger {
        /// A backup was asked for; it needs data on a slot (P4.4).
        BackUp = "back_up" [Loaded => BackingUp, BackupFailed => BackingUp],
        /// The data are in the object store (P4.4).
        BackedUp = "backed_up" [BackingUp => Stored],
        /// The backup failed (P2.3).
        BackupFail = "backup_failed" [BackingUp => BackupFailed],
        /// A restore was asked for (P4.1).
        Restore = "restore" [Stored => Restoring, RestoreFailed => Restoring],
        /// The data are on a slot (P4.1).
        Restored = "restored" [Restoring => Loaded],
        /// The restore failed (P2.3).
        RestoreFail = "restore_failed" [Restoring => RestoreFailed],
    }
}
