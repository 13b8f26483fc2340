//! The inverse of the normal distribution: Wichura's rational approximation (Applied Statistics 37, 1988,
//! algorithm AS 241, PPND16), good to about 16 digits.

/// The number of deviations below which this share of the normal distribution lies.
///
/// The share is above 0 and below 1; 0 and 1 give the infinities.
pub fn normal_quantile(share: f64) -> f64 {
    let centred = share - 0.5;
    if centred.abs() <= CENTRAL {
        let r = CENTRAL * CENTRAL - centred * centred;
        return centred * ratio(r, &CENTRE_ABOVE, &CENTRE_BELOW);
    }
    let tail = if centred < 0.0 { share } else { 1.0 - share };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(centred);
    }
    let r = libm::sqrt(-libm::log(tail));
    let size = if r <= FAR {
        ratio(r - NEAR_OFFSET, &NEAR_ABOVE, &NEAR_BELOW)
    } else {
        ratio(r - FAR, &FAR_ABOVE, &FAR_BELOW)
    };
    size.copysign(centred)
}

/// Half-width of the central part.
const CENTRAL: f64 = 0.425;
/// Where the coefficients of the nearer tail are centred, and where the farther tail begins.
const NEAR_OFFSET: f64 = 1.6;
const FAR: f64 = 5.0;

/// Quotient of two polynomials; coefficients from the constant upwards.
fn ratio(r: f64, above: &[f64; 8], below: &[f64; 8]) -> f64 {
    let value = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |sum, c| sum * r + c);
    value(above) / value(below)
}

const CENTRE_ABOVE: [f64; 8] = [
    3.387_132_872_796_366_5,
    133.141_667_891_784_38,
    1_971.590_950_306_551_3,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const CENTRE_BELOW: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_854,
];
const NEAR_ABOVE: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const NEAR_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_ABOVE: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288e-7,
];
const FAR_BELOW: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];
