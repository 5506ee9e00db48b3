//! Both planes in one process, without sockets: their real rooms, many people, and everything that
//! goes wrong between them, drawn from a seed.
//!
//! A run has one control plane and one hospital. People ask, draw and hand in; answers are lost, machines
//! crash between calls and inside of them, the line is cut, a narrower version of the instruction is
//! published under running work. `checks.rs` holds every answer that was given against the store;
//! `closing.rs` compares both planes when the line is whole again. Start reading at [`run`].

mod chance;
mod checks;
mod closing;
mod cloud;
mod hospital;
mod line;
mod machine;
mod people;

use std::ops::AddAssign;
use std::path::Path;
use std::sync::Arc;

use agent::rooms::Rooms;
use agent_uplink::Sent;
use anyhow::{Context, Result, ensure};
use control_plane_app::App;
use proto_ids::{AssetToken, Clock, PersonId, Timestamp};
use tempfile::TempDir;

use chance::{Chance, HandClock};
use checks::Promises;
use cloud::Order;
use line::Quality;
use machine::Machine;
use people::Person;

/// 2026-11-23T12:00:00Z.
const NOON: Timestamp = Timestamp::from_millis(1_795_435_200_000);
const ANNOTATORS: usize = 50;
/// The first of them annotates, too.
const ARBITERS: usize = 4;
/// Those that are there from the beginning, and those that come later.
const ASSETS: (usize, usize) = (6, 3);
const GOLD_ASSETS: (usize, usize) = (3, 1);

/// What happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Places that were given anew.
    pub grants: u64,
    /// Works that were handed in.
    pub submissions: u64,
    /// Places of hidden tests that were given.
    pub gold: u64,
    /// Operations that came after their lease was given on.
    pub late: u64,
    /// Leases that moved to a newer version.
    pub versions: u64,
    /// Tasks whose submissions agree.
    pub accepted: u64,
    /// Tasks that an arbiter settled.
    pub resolved: u64,
    /// Tasks that wait for an arbiter.
    pub disputed: u64,
    /// Answers and receipts that did not arrive.
    pub lost: u64,
    /// Times that the agent's machine crashed.
    pub agent_crashes: u64,
    /// Times that the control plane's machine crashed.
    pub control_plane_crashes: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.grants += other.grants;
        self.submissions += other.submissions;
        self.gold += other.gold;
        self.late += other.late;
        self.versions += other.versions;
        self.accepted += other.accepted;
        self.resolved += other.resolved;
        self.disputed += other.disputed;
        self.lost += other.lost;
        self.agent_crashes += other.agent_crashes;
        self.control_plane_crashes += other.control_plane_crashes;
    }
}

/// Everything there is.
struct World {
    chance: Chance,
    clock: Arc<HandClock>,
    cloud: Machine<App>,
    hospital: Machine<Rooms>,
    order: Order,
    people: Vec<Person>,
    assets: Vec<AssetToken>,
    gold_assets: Vec<AssetToken>,
    /// How many assets and gold assets were ordered.
    ordered: (usize, usize),
    promises: Promises,
    tally: Tally,
    line_cut_until: Timestamp,
    /// Reports that the control plane has dealt with.
    sent_earlier: Vec<Sent>,
    /// Crashes of the agent after which the store was looked at.
    looked_at: u64,
    _directory: TempDir,
}

/// Runs one seed for a number of steps.
///
/// # Errors
/// The promise that was broken, or what failed.
pub fn run(seed: u64, steps: u64) -> Result<Tally> {
    let mut world = World::new(seed)?;
    let publish_at = steps * (30 + world.chance.below(30)) / 100;
    let late_assets_at = steps * (20 + world.chance.below(30)) / 100;
    for step in 0..steps {
        let happened = || format!("at step {step}");
        if step == late_assets_at {
            world.arrive(ASSETS.1, GOLD_ASSETS.1).with_context(happened)?;
        }
        if step == publish_at {
            let version = cloud::publish_narrower(world.cloud.plane()?, world.order.project)?;
            ensure!(version == 2, "version {version} was published");
        }
        world.step().with_context(happened)?;
    }
    world.close()
}

impl World {
    fn new(seed: u64) -> Result<Self> {
        let mut chance = Chance::new(seed);
        let directory = directory()?;
        let clock = Arc::new(HandClock::at(NOON));
        let cloud = Machine::<App>::start(directory.path().join("cloud"), &clock)?;
        let hospital = Machine::<Rooms>::start(directory.path().join("hospital"), &clock)?;
        let ids: Vec<PersonId> =
            (0..ANNOTATORS + ARBITERS - 1).map(|_| PersonId::from_random(chance.id())).collect();
        let (annotators, arbiters) = (&ids[..ANNOTATORS], &ids[ANNOTATORS - 1..]);
        let order = cloud::set_up(cloud.plane()?, annotators, arbiters, &mut chance)?;
        let mut world = Self {
            chance,
            clock,
            cloud,
            hospital,
            order,
            people: ids.into_iter().map(Person::new).collect(),
            assets: Vec::new(),
            gold_assets: Vec::new(),
            ordered: (0, 0),
            promises: Promises::default(),
            tally: Tally::default(),
            line_cut_until: NOON,
            sent_earlier: Vec::new(),
            looked_at: 0,
            _directory: directory,
        };
        world.arrive(ASSETS.0, GOLD_ASSETS.0)?;
        while world.ordered.0 < world.assets.len() {
            world.up(Quality::Poor)?;
            world.order()?;
        }
        while world.hospital.plane()?.archive().tasks()?.len() < world.promises.tasks.len() {
            world.down(Quality::Poor)?;
        }
        let now = world.clock.now();
        for person in &world.people {
            let code = cloud::invitation_sha256(person.id);
            let archive = world.hospital.plane()?.archive();
            archive.invitation_redeem(&code, "$argon2id$x".to_owned(), now)?;
        }
        Ok(world)
    }

    /// Assets come in at the hospital, and gold for some.
    fn arrive(&mut self, ordinary: usize, gold: usize) -> Result<()> {
        let (rooms, now) = (self.hospital.plane()?, self.clock.now());
        for index in 0..ordinary + gold {
            let token = AssetToken::from_random(self.chance.id());
            hospital::arrive(rooms, self.assets.len(), token, now)?;
            self.assets.push(token);
            if index < gold {
                hospital::gold(rooms, token, now)?;
                self.gold_assets.push(token);
            }
        }
        Ok(())
    }

    /// Orders tasks for what the control plane has heard of, when that is everything.
    fn order(&mut self) -> Result<()> {
        let app = self.cloud.plane()?;
        if cloud::has_heard_of(app, &self.assets, &self.gold_assets)? {
            cloud::order(app, self.order.project, &self.assets, &self.gold_assets)?;
            self.promises.tasks = cloud::tasks(app, self.order.project)?;
            self.ordered = (self.assets.len(), self.gold_assets.len());
        }
        Ok(())
    }

    fn step(&mut self) -> Result<()> {
        self.clock.turn(self.chance.below(10));
        if self.chance.happens(8) {
            self.clock.turn(60 * (10 + self.chance.below(30)));
        }
        let who = self.somebody();
        self.act(who)?;
        self.traffic()?;
        let now = self.clock.now();
        let rooms = self.hospital.plane()?;
        match self.chance.below(1000) {
            0..40 => {
                rooms.archive().leases_expire(now)?;
            }
            40..80 => rooms.follow(now),
            80..82 => self.hospital.crash(&mut self.chance)?,
            82..84 => self.cloud.crash(&mut self.chance)?,
            84..88 => {
                let seconds = i64::try_from(60 * self.chance.below(60))?;
                self.line_cut_until = now.plus_seconds(seconds);
            }
            _ => {}
        }
        if self.hospital.crashes > self.looked_at {
            self.looked_at = self.hospital.crashes;
            self.promises
                .kept_by(self.hospital.plane()?, now, false)
                .context("after a crash of the agent")?;
        }
        Ok(())
    }

    /// Some are eager: they do most of the work, so that people meet the same tests and tasks again.
    fn somebody(&mut self) -> usize {
        if self.chance.happens(150) {
            return ANNOTATORS - 1 + self.chance.index(ARBITERS);
        }
        self.chance.index(ANNOTATORS).min(self.chance.index(ANNOTATORS)).min(self.chance.index(ANNOTATORS))
    }

    fn traffic(&mut self) -> Result<()> {
        if self.clock.now() < self.line_cut_until {
            return Ok(());
        }
        if self.chance.happens(60) {
            self.up(Quality::Poor)?;
            if self.ordered.0 < self.assets.len() {
                self.order()?;
            }
        }
        if self.chance.happens(60) {
            self.down(Quality::Poor)?;
        }
        Ok(())
    }
}

/// In memory where there is such a place: indexes and keys are files.
fn directory() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
    Ok(tempfile::Builder::new().prefix("simulator").tempdir_in(place)?)
}
