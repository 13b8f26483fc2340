//! Synthetic pictures of 1280 by 720, by integers alone: the same on every machine.

use openh264::formats::YUVSlices;

/// Pixels of a row.
pub const WIDTH: usize = 1280;
/// Rows.
pub const HEIGHT: usize = 720;
/// Pixels that text moves up from one picture to the next.
const SCROLL: usize = 3;
/// Width and height of the place of a letter.
const LETTER: (usize, usize) = (10, 18);
/// Pixels between the points at which the texture is drawn by lot.
const LATTICE: usize = 16;
/// Grey of paper and of ink.
const PAPER: u8 = 235;
const INK: u8 = 30;

/// What a sequence of pictures shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// One page of text that stands still.
    Still,
    /// Text that scrolls evenly.
    ScrollingText,
    /// Two layers of texture that move across each other, with grain.
    MovingTexture,
}

impl Content {
    /// All contents, in the order in which tables list them.
    pub const ALL: [Self; 3] = [Self::Still, Self::ScrollingText, Self::MovingTexture];
}

/// One picture in 4:2:0: luma and two planes of colour of a quarter of its size.
pub struct Picture {
    luma: Vec<u8>,
    chroma: [Vec<u8>; 2],
}

impl Picture {
    /// The picture number `n` of a content.
    pub fn draw(content: Content, n: usize) -> Self {
        let mut luma = vec![0; WIDTH * HEIGHT];
        for (y, row) in luma.chunks_exact_mut(WIDTH).enumerate() {
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = match content {
                    Content::Still => text(x, y),
                    Content::ScrollingText => text(x, y + n * SCROLL),
                    Content::MovingTexture => texture(x, y, n),
                };
            }
        }
        let grey = vec![128; WIDTH * HEIGHT / 4];
        Self { luma, chroma: [grey.clone(), grey] }
    }

    /// The planes as the encoder takes them.
    pub fn slices(&self) -> YUVSlices<'_> {
        let [u, v] = &self.chroma;
        YUVSlices::new((&self.luma, u, v), (WIDTH, HEIGHT), (WIDTH, WIDTH / 2, WIDTH / 2))
    }

    /// The luma plane, row by row.
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }
}

/// Grey of a page of text: letters are random blots of 5 by 7 doubled pixels, lines end raggedly.
fn text(x: usize, y: usize) -> u8 {
    let (column, line) = (x / LETTER.0, y / LETTER.1);
    let (dx, dy) = ((x % LETTER.0) / 2, (y % LETTER.1) / 2);
    let line_letters = 40 + lot(line, 0, 1) % 80;
    let blank = dx >= 4 || dy >= 7 || (column as u64) >= line_letters;
    let letter = lot(line, column, 2) % 27;
    let ink = !blank && letter > 0 && lot(letter as usize, dy * 4 + dx, 3) % 5 < 2;
    if ink { INK } else { PAPER }
}

/// Grey of the texture: one layer to the left, one downwards, and grain that moves with the first.
fn texture(x: usize, y: usize, n: usize) -> u8 {
    let far = smooth(x + 5 * n, y + n, 4);
    let near = smooth(x + 2 * n, y + 4000 - 3 * n, 5);
    let grain = lot(x + 5 * n, y + n, 6) % 24;
    u8::try_from((far * 5 + near * 3) / 8 + grain).unwrap_or(u8::MAX)
}

/// Random greys at the points of a lattice, and between them the mean weighted by distance.
fn smooth(x: usize, y: usize, layer: u64) -> u64 {
    let (cell_x, cell_y) = (x / LATTICE, y / LATTICE);
    let (dx, dy) = ((x % LATTICE) as u64, (y % LATTICE) as u64);
    let side = LATTICE as u64;
    let at = |i, j| lot(cell_x + i, cell_y + j, layer) % 224;
    let upper = at(0, 0) * (side - dx) + at(1, 0) * dx;
    let lower = at(0, 1) * (side - dx) + at(1, 1) * dx;
    (upper * (side - dy) + lower * dy) / (side * side)
}

/// A number for a place: multiplications and shifts that scatter their input (the finaliser of SplitMix64).
fn lot(a: usize, b: usize, layer: u64) -> u64 {
    let mut z = (a as u64) << 40 ^ (b as u64) << 8 ^ layer;
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
