//! The circuit breaker of one model: after several failures in a row its server is left alone for a while, then
//! tried once.
//!
//! Pure: time is an argument, a duration since any fixed moment. Source of the idea: Nygard, Release It!, 2nd ed.
//! (2018), ch. 5, "Circuit Breaker".

use std::time::Duration;

/// When a breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Failures in a row that open it; at least one.
    pub failures: u32,
    /// How long it stays open the first time; doubled each time that the trial call fails.
    pub rest: Duration,
    /// The longest it stays open.
    pub rest_max: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self { failures: 3, rest: Duration::from_secs(10), rest_max: Duration::from_secs(300) }
    }
}

/// What became of a call that was let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered, if only with a refusal.
    Well,
    /// The server is not well.
    Unwell,
    /// The caller gave up; nothing is known of the server.
    Abandoned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Duration,
        rest: Duration,
    },
    /// `probing`: the trial call is under way.
    HalfOpen {
        probing: bool,
        rest: Duration,
    },
}

/// Proof that a call was let through; give it back with what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    era: u64,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Breaker {
    policy: Policy,
    state: State,
    /// Grows with each change of state, so that a call of an earlier state cannot speak for this one.
    era: u64,
}

impl Breaker {
    /// A closed one.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        Self { policy, state: State::Closed { failures: 0 }, era: 0 }
    }

    /// Asks to make a call.
    ///
    /// # Errors
    /// How long to wait before asking again: the rest of the rest, or nothing known (zero) while a trial call
    /// is under way.
    pub fn ask(&mut self, now: Duration) -> Result<Permit, Duration> {
        if let State::Open { until, rest } = self.state
            && now >= until
        {
            self.become_state(State::HalfOpen { probing: false, rest });
        }
        match self.state {
            State::Closed { .. } => Ok(Permit { era: self.era }),
            State::Open { until, .. } => Err(until.saturating_sub(now)),
            State::HalfOpen { probing: true, .. } => Err(Duration::ZERO),
            State::HalfOpen { probing: false, rest } => {
                self.state = State::HalfOpen { probing: true, rest };
                Ok(Permit { era: self.era })
            }
        }
    }

    /// Tells what became of a call.
    pub fn tell(&mut self, permit: Permit, outcome: Outcome, now: Duration) {
        if permit.era != self.era {
            return;
        }
        match (self.state, outcome) {
            (State::Closed { .. }, Outcome::Well) => self.state = State::Closed { failures: 0 },
            (State::Closed { failures }, Outcome::Unwell) => {
                let failures = failures.saturating_add(1);
                self.state = State::Closed { failures };
                if failures >= self.policy.failures.max(1) {
                    self.open(self.policy.rest, now);
                }
            }
            (State::Closed { .. } | State::Open { .. }, _) => {}
            (State::HalfOpen { .. }, Outcome::Well) => self.become_state(State::Closed { failures: 0 }),
            (State::HalfOpen { rest, .. }, Outcome::Unwell) => self.open(rest.saturating_mul(2), now),
            (State::HalfOpen { rest, .. }, Outcome::Abandoned) => {
                self.state = State::HalfOpen { probing: false, rest };
            }
        }
    }

    /// Lets calls through again, since the server was seen to be well in another way. A call under way no longer
    /// speaks for this state.
    pub fn close(&mut self) {
        self.become_state(State::Closed { failures: 0 });
    }

    /// How long calls are refused from now on; none when one would be let through or tried.
    #[must_use]
    pub fn resting(&self, now: Duration) -> Option<Duration> {
        match self.state {
            State::Open { until, .. } => until.checked_sub(now).filter(|left| !left.is_zero()),
            State::HalfOpen { probing: true, .. } => Some(Duration::ZERO),
            State::Closed { .. } | State::HalfOpen { probing: false, .. } => None,
        }
    }

    fn open(&mut self, rest: Duration, now: Duration) {
        let rest = rest.min(self.policy.rest_max);
        self.become_state(State::Open { until: now.saturating_add(rest), rest });
    }

    fn become_state(&mut self, state: State) {
        self.state = state;
        self.era = self.era.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests;
