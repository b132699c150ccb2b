//! What a person sees who waits at a terminal: which question is being asked, and for how long it has been.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::analysis::Listener;
use crate::words::Sentence;

use super::output;

/// A line on the terminal that is gone when this is; nothing where nobody looks.
pub struct Waiting(ProgressBar);

impl Waiting {
    /// Begins.
    pub fn begin() -> Waiting {
        if !std::io::stderr().is_terminal() {
            return Waiting(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_secs(1));
        Waiting(bar)
    }

    /// Says what is being done now.
    pub fn says(&self, what: &Sentence) {
        self.0.set_message(what.in_language(output::language()));
    }

    /// Takes the line away, before something else is said.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }

    /// Who is to be told.
    pub fn listener(&self) -> Listener {
        let (bar, language) = (self.0.clone(), output::language());
        Arc::new(move |what| bar.set_message(what.in_language(language)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.clear();
    }
}
