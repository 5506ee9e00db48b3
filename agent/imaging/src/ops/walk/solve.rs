//! Conjugate gradients.

use super::super::progress::{Cancelled, Pace};
use super::system::{NONE, System};

/// The most rounds. Systems of 2¹⁸ unknowns take some 50 to 200.
const MOST_ROUNDS: usize = 2000;

/// How much of the fill that incomplete Cholesky drops goes to the diagonal, and when that is too much
/// (Bridson, Fluid simulation for computer graphics, 2nd ed., 5.2).
const MODIFIED: f64 = 0.97;
const LEAST_PIVOT: f64 = 0.25;

/// Why a system was not solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SolveFailure {
    NotConverged,
    Cancelled,
}

impl From<Cancelled> for SolveFailure {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Improves a first guess until it solves the system to the tolerance: Hestenes and Stiefel, J. Res. Natl.
/// Bur. Stand. 49 (1952) 409, preconditioned.
pub(super) fn solve(
    system: &System,
    found: &mut [f64],
    tolerance: f64,
    pace: &mut Pace<'_>,
) -> Result<(), SolveFailure> {
    let pivots = system.pivots();
    let mut residual = vec![0.0; found.len()];
    system.multiply(found, &mut residual);
    // What is left of the guess 0 is the measure, so that a good guess needs fewer rounds.
    let mut solved = vec![0.0; found.len()];
    system.precondition(&pivots, &system.right, &mut solved);
    let goal = dot(&system.right, &solved) * tolerance * tolerance;
    for (residual, right) in residual.iter_mut().zip(&system.right) {
        *residual = right - *residual;
    }
    system.precondition(&pivots, &residual, &mut solved);
    let mut direction = solved.clone();
    let mut square = dot(&residual, &solved);
    let first = square;
    let mut image = vec![0.0; found.len()];
    for _ in 0..MOST_ROUNDS {
        if square <= goal {
            return Ok(());
        }
        // The logarithm of the residual falls about evenly.
        pace.at((first / square).ln() / (first / goal).ln())?;
        system.multiply(&direction, &mut image);
        let length = square / dot(&direction, &image);
        add(length, &direction, found);
        add(-length, &image, &mut residual);
        pace.look()?;
        system.precondition(&pivots, &residual, &mut solved);
        let next = dot(&residual, &solved);
        let turn = next / square;
        square = next;
        for (direction, solved) in direction.iter_mut().zip(&solved) {
            *direction = solved + turn * *direction;
        }
    }
    Err(SolveFailure::NotConverged)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(times: f64, from: &[f64], to: &mut [f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += times * from;
    }
}

impl System {
    /// The edges from an unknown to later ones.
    fn edges(&self, unknown: usize) -> impl Iterator<Item = (usize, f64)> {
        let edges = self.next[unknown].into_iter().zip(self.weights[unknown]);
        edges.filter(|(next, _)| *next != NONE).map(|(next, weight)| (next as usize, f64::from(weight)))
    }

    fn multiply(&self, by: &[f64], product: &mut [f64]) {
        for ((product, by), diagonal) in product.iter_mut().zip(by).zip(&self.diagonal) {
            *product = diagonal * by;
        }
        for unknown in 0..by.len() {
            let mut sum = 0.0;
            for (next, weight) in self.edges(unknown) {
                sum += weight * by[next];
                product[next] -= weight * by[unknown];
            }
            product[unknown] -= sum;
        }
    }

    /// The diagonal of the incomplete factorisation (D + L) D⁻¹ (D + Lᵀ), inverted; L is the lower part of
    /// the system itself. An unknown that no edge holds does not exist, so no diagonal is 0.
    fn pivots(&self) -> Vec<f64> {
        let mut pivots = self.diagonal.clone();
        for unknown in 0..pivots.len() {
            let pivot = pivots[unknown];
            let own = self.diagonal[unknown];
            let pivot = if pivot < LEAST_PIVOT * own { own } else { pivot };
            pivots[unknown] = pivot.recip();
            let all: f64 = self.edges(unknown).map(|(_, weight)| weight).sum();
            for (next, weight) in self.edges(unknown) {
                pivots[next] -= weight * (weight + MODIFIED * (all - weight)) / pivot;
            }
        }
        pivots
    }

    fn precondition(&self, pivots: &[f64], of: &[f64], solved: &mut [f64]) {
        solved.copy_from_slice(of);
        for unknown in 0..of.len() {
            let value = solved[unknown] * pivots[unknown];
            solved[unknown] = value;
            for (next, weight) in self.edges(unknown) {
                solved[next] += weight * value;
            }
        }
        for unknown in (0..of.len()).rev() {
            let sum: f64 = self.edges(unknown).map(|(next, weight)| weight * solved[next]).sum();
            solved[unknown] += sum * pivots[unknown];
        }
    }
}
