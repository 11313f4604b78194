//! The one cryptography of the program.

/// Chooses *ring* for the whole process; whoever comes second finds the choice made.
pub(crate) fn choose() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
