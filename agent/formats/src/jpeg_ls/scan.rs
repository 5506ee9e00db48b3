//! One scan: contexts, prediction, and the two modes. Source: ITU-T T.87 Annex A.

use super::bits::Bits;

/// §A.2.1 code segment A.1: how long runs are taken to be.
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// No error of 16-bit samples is mapped to more: a stream that goes beyond is damaged, and would make sums overflow.
const MAPPED_MAX: i32 = 2 * 65_535;

/// Parameters of one scan, and what follows from them (§A.2.1).
#[derive(Clone, Copy)]
pub(super) struct Coding {
    maximum: i32,
    near: i32,
    thresholds: [i32; 3],
    reset: i32,
    /// 2 · NEAR + 1.
    step: i32,
    range: i32,
    qbpp: u32,
    limit: u32,
}

impl Coding {
    pub(super) fn new(maximum: i32, near: i32, thresholds: [i32; 3], reset: i32) -> Self {
        let step = 2 * near + 1;
        let range = (maximum + 2 * near) / step + 1;
        let bits = |values: i32| 32 - (values - 1).max(0).leading_zeros();
        let bpp = bits(maximum + 1).max(2);
        Self {
            maximum,
            near,
            thresholds,
            reset,
            step,
            range,
            qbpp: bits(range),
            limit: 2 * (bpp + bpp.max(8)),
        }
    }

    /// §A.3.3 code segment A.4.
    fn quantized(&self, gradient: i32) -> i32 {
        let [first, second, third] = self.thresholds;
        let size = gradient.abs();
        let level = match size {
            _ if size <= self.near => 0,
            _ if size < first => 1,
            _ if size < second => 2,
            _ if size < third => 3,
            _ => 4,
        };
        level * gradient.signum()
    }

    /// A value out of its prediction and error (§A.4.4 and §A.4.5).
    fn reconstructed(&self, predicted: i32, error: i32) -> i32 {
        let value = predicted + error * self.step;
        let value = if value < -self.near {
            value + self.range * self.step
        } else if value > self.maximum + self.near {
            value - self.range * self.step
        } else {
            value
        };
        value.clamp(0, self.maximum)
    }
}

/// What was learned in one context.
#[derive(Clone, Copy)]
struct Context {
    /// Sum of the errors' sizes.
    a: i32,
    /// Sum of the errors.
    b: i32,
    /// Correction of the prediction.
    c: i32,
    /// How often the context was met.
    n: i32,
}

/// What was learned at the ends of runs.
#[derive(Clone, Copy)]
struct RunContext {
    a: i32,
    n: i32,
    negative: i32,
}

/// The neighbours of a sample: left, above, above to the left, above to the right (§A.3.1).
struct Around {
    a: i32,
    b: i32,
    c: i32,
    d: i32,
}

/// The lines of one component. Both have one value in front and one behind.
struct Lines {
    current: Vec<i32>,
    previous: Vec<i32>,
    run_index: usize,
}

impl Lines {
    /// Makes the current line the previous one, and fills in the edges (§A.2.1).
    fn turn(&mut self) {
        std::mem::swap(&mut self.current, &mut self.previous);
        let columns = self.previous.len().saturating_sub(2);
        let first = self.previous.get(1).copied().unwrap_or_default();
        let last = self.previous.get(columns).copied().unwrap_or_default();
        if let Some(behind) = self.previous.last_mut() {
            *behind = last;
        }
        if let Some(front) = self.current.first_mut() {
            *front = first;
        }
    }

    fn around(&self, column: usize) -> Option<Around> {
        let above = self.previous.get(column..column + 3)?;
        let [c, b, d] = above else { return None };
        Some(Around { a: *self.current.get(column)?, b: *b, c: *c, d: *d })
    }

    fn set(&mut self, column: usize, value: i32) {
        if let Some(place) = self.current.get_mut(column + 1) {
            *place = value;
        }
    }

    fn left(&self, column: usize) -> i32 {
        self.current.get(column).copied().unwrap_or_default()
    }

    fn above(&self, column: usize) -> i32 {
        self.previous.get(column + 1).copied().unwrap_or_default()
    }
}

/// The state of one scan.
pub(super) struct Scan<'a> {
    coding: Coding,
    bits: Bits<'a>,
    columns: usize,
    contexts: [Context; 365],
    runs: [RunContext; 2],
    lines: Vec<Lines>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(coding: Coding, bits: Bits<'a>, columns: usize, components: usize) -> Self {
        let a = ((coding.range + 32) / 64).max(2);
        let empty = || Lines { current: vec![0; columns + 2], previous: vec![0; columns + 2], run_index: 0 };
        Self {
            coding,
            bits,
            columns,
            contexts: [Context { a, b: 0, c: 0, n: 1 }; 365],
            runs: [RunContext { a, n: 1, negative: 0 }; 2],
            lines: (0..components).map(|_| empty()).collect(),
        }
    }

    pub(super) fn used(&self) -> usize {
        self.bits.used()
    }

    /// The line of a component that was decoded last.
    pub(super) fn decoded(&self, component: usize) -> &[i32] {
        self.lines.get(component).and_then(|lines| lines.current.get(1..=self.columns)).unwrap_or_default()
    }

    /// Decodes the next line of one component.
    pub(super) fn line(&mut self, component: usize) -> Option<()> {
        self.lines.get_mut(component)?.turn();
        let mut column = 0;
        while column < self.columns {
            let around = self.lines.get(component)?.around(column)?;
            let [first, second, third] = self.gradients(&around);
            if (first, second, third) == (0, 0, 0) {
                let length = self.run(component, column)?;
                let run_value = around.a;
                let lines = self.lines.get_mut(component)?;
                (column..column + length).for_each(|column| lines.set(column, run_value));
                column += length;
                if column == self.columns {
                    break;
                }
                let above = lines.above(column);
                let value = self.interruption(component, run_value, above)?;
                self.after_run(component, column, value)?;
            } else {
                let value = self.regular(&around, [first, second, third])?;
                self.lines.get_mut(component)?.set(column, value);
            }
            column += 1;
        }
        Some(())
    }

    /// Decodes the next line of all components, pixel by pixel.
    pub(super) fn lines_together(&mut self) -> Option<()> {
        self.lines.iter_mut().for_each(Lines::turn);
        let mut column = 0;
        while column < self.columns {
            if self.all_flat(column)? {
                column += self.run_together(column)?;
                if column == self.columns {
                    break;
                }
            } else {
                for component in 0..self.lines.len() {
                    let around = self.lines.get(component)?.around(column)?;
                    let gradients = self.gradients(&around);
                    let value = self.regular(&around, gradients)?;
                    self.lines.get_mut(component)?.set(column, value);
                }
            }
            column += 1;
        }
        Some(())
    }

    fn all_flat(&self, column: usize) -> Option<bool> {
        let mut flat = true;
        for lines in &self.lines {
            flat = flat && self.gradients(&lines.around(column)?) == [0; 3];
        }
        Some(flat)
    }

    /// A run over all components, and the pixel that ends it. Gives the length of the run alone.
    fn run_together(&mut self, column: usize) -> Option<usize> {
        let length = self.run(0, column)?;
        for lines in &mut self.lines {
            let value = lines.left(column);
            (column..column + length).for_each(|column| lines.set(column, value));
        }
        let end = column + length;
        if end == self.columns {
            return Some(length);
        }
        for component in 0..self.lines.len() {
            let lines = self.lines.get(component)?;
            let (left, above) = (lines.left(end), lines.above(end));
            // Annex B.3 of T.87 has one kind of interruption for pixels: that of differing neighbours.
            let error = self.interruption_error(0, 0)?;
            let error = if left > above { -error } else { error };
            let value = self.coding.reconstructed(above, error);
            self.lines.get_mut(component)?.set(end, value);
        }
        let lines = self.lines.first_mut()?;
        lines.run_index = lines.run_index.saturating_sub(1);
        Some(length)
    }

    fn after_run(&mut self, component: usize, column: usize, value: i32) -> Option<()> {
        let lines = self.lines.get_mut(component)?;
        lines.set(column, value);
        lines.run_index = lines.run_index.saturating_sub(1);
        Some(())
    }

    fn gradients(&self, around: &Around) -> [i32; 3] {
        [around.d - around.b, around.b - around.c, around.c - around.a]
            .map(|gradient| self.coding.quantized(gradient))
    }

    /// One sample in regular mode (§A.4 to §A.6).
    fn regular(&mut self, around: &Around, [first, second, third]: [i32; 3]) -> Option<i32> {
        let number = 81 * first + 9 * second + third;
        let sign = if number < 0 { -1 } else { 1 };
        let index = usize::try_from(number.abs()).ok()?;
        let coding = self.coding;
        let context = self.contexts.get_mut(index)?;
        let predicted = (median(around) + sign * context.c).clamp(0, coding.maximum);
        let k = golomb(context.n, context.a);
        let mapped = code(&mut self.bits, k, coding.limit, coding.qbpp)?;
        // §A.5.2: with nothing learned of the sign, it is mapped the other way round.
        let turned = coding.near == 0 && k == 0 && 2 * context.b <= -context.n;
        let error = match (mapped % 2 == 0, turned) {
            (true, false) => mapped / 2,
            (false, false) => -(mapped + 1) / 2,
            (false, true) => (mapped - 1) / 2,
            (true, true) => -(mapped / 2) - 1,
        };
        context.learn(error, &coding);
        Some(coding.reconstructed(predicted, sign * error))
    }

    /// The length of a run from `column` on (§A.7.1).
    fn run(&mut self, component: usize, column: usize) -> Option<usize> {
        let left = self.columns - column;
        let lines = self.lines.get_mut(component)?;
        let mut length = 0;
        while self.bits.bit()? {
            let part = 1_usize << J.get(lines.run_index)?;
            length += part;
            if length <= left {
                lines.run_index = (lines.run_index + 1).min(J.len() - 1);
            }
            if length >= left {
                return Some(left);
            }
        }
        length += usize::try_from(self.bits.bits(*J.get(lines.run_index)?)?).ok()?;
        (length < left).then_some(length)
    }

    /// The sample that ends a run (§A.7.2).
    fn interruption(&mut self, component: usize, left: i32, above: i32) -> Option<i32> {
        let alike = (left - above).abs() <= self.coding.near;
        let error = self.interruption_error(component, usize::from(alike))?;
        let error = if !alike && left > above { -error } else { error };
        Some(self.coding.reconstructed(if alike { left } else { above }, error))
    }

    fn interruption_error(&mut self, component: usize, kind: usize) -> Option<i32> {
        let run = *J.get(self.lines.get(component)?.run_index)?;
        let coding = self.coding;
        let context = self.runs.get_mut(kind)?;
        let extra = if kind == 1 { context.n >> 1 } else { 0 };
        let k = golomb(context.n, context.a + extra);
        let mapped = code(&mut self.bits, k, coding.limit - run - 1, coding.qbpp)?;
        let kind = i32::from(kind == 1);
        let odd = (mapped + kind) % 2;
        let size = (mapped + kind + odd) / 2;
        let mostly_negative = k != 0 || 2 * context.negative >= context.n;
        let error = if mostly_negative == (odd == 1) { -size } else { size };
        context.learn(error, (mapped + 1 - kind) >> 1, coding.reset);
        Some(error)
    }
}

impl Context {
    /// §A.6.
    fn learn(&mut self, error: i32, coding: &Coding) {
        self.b = self.b.saturating_add(error * coding.step);
        self.a = self.a.saturating_add(error.abs());
        if self.n == coding.reset {
            self.a >>= 1;
            self.b >>= 1;
            self.n >>= 1;
        }
        self.n += 1;
        if self.b <= -self.n {
            self.b = (self.b + self.n).max(1 - self.n);
            self.c = (self.c - 1).max(-128);
        } else if self.b > 0 {
            self.b = (self.b - self.n).min(0);
            self.c = (self.c + 1).min(127);
        }
    }
}

impl RunContext {
    /// §A.7.2 code segment A.23.
    fn learn(&mut self, error: i32, size: i32, reset: i32) {
        self.negative += i32::from(error < 0);
        self.a = self.a.saturating_add(size);
        if self.n == reset {
            self.a >>= 1;
            self.n >>= 1;
            self.negative >>= 1;
        }
        self.n += 1;
    }
}

/// §A.4.1: the median edge detector.
fn median(around: &Around) -> i32 {
    let Around { a, b, c, .. } = *around;
    if c >= a.max(b) {
        a.min(b)
    } else if c <= a.min(b) {
        a.max(b)
    } else {
        a + b - c
    }
}

/// §A.5.1: how many low bits of an error are written as they are.
fn golomb(n: i32, a: i32) -> u32 {
    (0..31).find(|k| (i64::from(n) << k) >= i64::from(a)).unwrap_or(31)
}

/// §A.5.3: a Golomb code of limited length.
fn code(bits: &mut Bits<'_>, k: u32, limit: u32, qbpp: u32) -> Option<i32> {
    let longest = limit.checked_sub(qbpp + 1)?;
    let zeros = bits.zeros(longest)?;
    if zeros == longest {
        return Some(bits.bits(qbpp)? + 1);
    }
    let value = (i64::from(zeros) << k) + i64::from(bits.bits(k)?);
    i32::try_from(value).ok().filter(|value| *value <= MAPPED_MAX)
}
