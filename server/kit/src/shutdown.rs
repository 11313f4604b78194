//! The word to stop, said once and heard by every part of a program.

use std::sync::Arc;

use tokio::sync::watch;

/// Says and hears that the program is to stop. Clones share the word.
#[derive(Debug, Clone)]
pub struct Shutdown {
    said: Arc<watch::Sender<bool>>,
}

impl Shutdown {
    #[allow(clippy::new_without_default)]
    pub fn new() -> Shutdown {
        Shutdown { said: Arc::new(watch::Sender::new(false)) }
    }

    /// Tells everybody to stop; saying it twice does no harm.
    pub fn request(&self) {
        self.said.send_replace(true);
    }

    pub fn is_requested(&self) -> bool {
        *self.said.borrow()
    }

    /// Returns when somebody has said it, at once if that was before.
    pub async fn requested(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.said.subscribe().wait_for(|said| *said).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_word_reaches_those_who_wait_and_those_who_ask_later() {
        let shutdown = Shutdown::new();
        assert!(!shutdown.is_requested());
        let waiting = tokio::spawn({
            let shutdown = shutdown.clone();
            async move { shutdown.requested().await }
        });
        shutdown.request();
        waiting.await.expect("it heard");
        shutdown.clone().requested().await;
        assert!(shutdown.is_requested());
    }
}
