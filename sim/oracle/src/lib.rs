//! The judge: somebody else's log, walked with the model.
