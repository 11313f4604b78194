//! Pictures as strangers send them, made into files that are safe to serve: decoded within bounds, turned upright, scaled
//! down and encoded anew, so that nothing of the sent file but its pixels is left.
//!
//! A picture takes memory in proportion to its pixels, whatever the size of its file. The header is read first, and only one
//! picture is decoded at a time, off the async threads.

use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::secret::hex;

/// The most pixels a picture may have: those of the largest telephone cameras.
pub const MOST_PIXELS: u64 = 50_000_000;
/// What a decoded picture may take, in bytes: its pixels with four channels of eight bits. While it is decoded or scaled it may take
/// more than twice as much: a progressive JPEG keeps two bytes a coefficient beside its pixels.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// The widest picture that is kept; a wider or higher one is scaled down to fit into this square.
const LARGEST: u32 = 2560;
/// The widths it is made in beside its own, where it is wider.
const WIDTHS: [u32; 3] = [320, 640, 1280];
/// Of 100.
const JPEG_QUALITY: u8 = 82;
const WEBP_QUALITY: f32 = 80.0;

/// See the module.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// A picture, ready to be stored.
#[derive(Debug)]
pub struct Made {
    /// SHA-256 of its largest file, in hexadecimal: the same pixels have the same hash.
    pub hash: String,
    pub width: u32,
    pub height: u32,
    /// What was sent: `jpeg`, `png` or `webp`.
    pub sent_as: &'static str,
    /// Whether anything shows through.
    pub transparent: bool,
    /// The widths it stands in, its own the last; the same in WebP and in the format for browsers without it.
    pub widths: Vec<u32>,
    pub files: Vec<File>,
}

/// One size of it in one format.
#[derive(Debug)]
pub struct File {
    pub width: u32,
    /// `webp`, `jpg` or `png`.
    pub ending: &'static str,
    pub bytes: Vec<u8>,
}

/// Why a file is not taken, in a sentence for whoever sent it.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum PictureError {
    #[error("The file is empty. Choose another one.")]
    Empty,
    #[error("This is {0}. Save it as JPEG, PNG or WebP and try again.")]
    Format(&'static str),
    #[error("The picture moves. Choose one that stands still.")]
    Moves,
    #[error("The picture has {width} × {height} pixels, which is more than the {} million that fit. Make it smaller and try again.", MOST_PIXELS / 1_000_000)]
    TooLarge { width: u32, height: u32 },
    #[error("The picture is damaged or not complete. Save it again, or choose another one.")]
    Broken,
    #[error("The picture could not be made ready; try again.")]
    Fault(String),
}

/// Makes the files of a picture out of what was sent. The format is read from its bytes, never from a name.
pub async fn make(sent: Vec<u8>) -> Result<Made, PictureError> {
    let permit = ONE_AT_A_TIME.acquire().await.map_err(fault)?;
    let made = tokio::task::spawn_blocking(move || {
        // Held until the work is done, even if whoever asked has gone away.
        let _permit = permit;
        make_now(&sent)
    });
    made.await.map_err(fault)?
}

fn make_now(sent: &[u8]) -> Result<Made, PictureError> {
    let (picture, sent_as) = decode(sent)?;
    let transparent = matches!(picture, Pixels::Rgba(_));
    let (width, height) = picture.size();
    let widths: Vec<u32> = WIDTHS.into_iter().filter(|one| *one < width).chain([width]).collect();
    let mut files = Vec::new();
    let mut smallest = picture;
    // Each size is made of the next larger one.
    for &one in widths.iter().rev() {
        let high = (f64::from(height) * f64::from(one) / f64::from(width)).round().max(1.0) as u32;
        smallest = smallest.scaled(one, high)?;
        files.push(File { width: one, ending: smallest.fallback(), bytes: smallest.fallback_bytes()? });
        files.push(File { width: one, ending: "webp", bytes: smallest.webp()? });
    }
    let hash = files.first().map(|file| hex(&Sha256::digest(&file.bytes))).unwrap_or_default();
    Ok(Made { hash, width, height, sent_as, transparent, widths, files })
}

/// The pixels, upright, in sRGB, not larger than what is kept.
fn decode(sent: &[u8]) -> Result<(Pixels, &'static str), PictureError> {
    let (format, sent_as) = format(sent)?;
    let mut reader = ImageReader::with_format(Cursor::new(sent), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(|error| refused(error, (0, 0)))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureError::Broken);
    }
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(PictureError::TooLarge { width, height });
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let decoded = DynamicImage::from_decoder(decoder).map_err(|error| refused(error, (width, height)))?;
    let pixels = Pixels::of(decoded)?;
    let (width, height) = pixels.size();
    let share = (f64::from(LARGEST) / f64::from(width.max(height))).min(1.0);
    let fitted = |length: u32| (f64::from(length) * share).round().max(1.0) as u32;
    let mut pixels = pixels.scaled(fitted(width), fitted(height))?;
    if let Some(profile) = profile {
        pixels.put_into_srgb(&profile);
    }
    Ok((pixels.turned(turned), sent_as))
}

/// A picture of a few bytes may say that it needs much memory, and so may the colour profile in it.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

/// Reads what stands before the picture's data. A profile that needs more memory than it may is left out.
fn png_decoder(sent: &[u8]) -> image::ImageResult<PngDecoder<Cursor<&[u8]>>> {
    PngDecoder::with_limits(Cursor::new(sent), limits())
}

/// What the bytes are, if it is a picture that is taken and that stands still.
fn format(sent: &[u8]) -> Result<(ImageFormat, &'static str), PictureError> {
    if sent.is_empty() {
        return Err(PictureError::Empty);
    }
    let of = |bytes| Cursor::new(bytes);
    match image::guess_format(sent) {
        Ok(ImageFormat::Jpeg) if is_whole_jpeg(sent) => Ok((ImageFormat::Jpeg, "jpeg")),
        Ok(ImageFormat::Jpeg) => Err(PictureError::Broken),
        Ok(ImageFormat::Png) => match png_decoder(sent).and_then(|decoder| decoder.is_apng()) {
            Ok(true) => Err(PictureError::Moves),
            Ok(false) => Ok((ImageFormat::Png, "png")),
            Err(_) => Err(PictureError::Broken),
        },
        Ok(ImageFormat::WebP) => match WebPDecoder::new(of(sent)) {
            Ok(decoder) if decoder.has_animation() => Err(PictureError::Moves),
            Ok(_) => Ok((ImageFormat::WebP, "webp")),
            Err(_) => Err(PictureError::Broken),
        },
        Ok(ImageFormat::Gif) => Err(PictureError::Format("a GIF")),
        Ok(ImageFormat::Avif) => Err(PictureError::Format("an AVIF picture")),
        Ok(ImageFormat::Tiff) => Err(PictureError::Format("a TIFF picture")),
        Ok(ImageFormat::Bmp) => Err(PictureError::Format("a BMP picture")),
        _ if sent.get(4..12).is_some_and(|brand| matches!(brand, b"ftypheic" | b"ftypheix" | b"ftypmif1")) => {
            Err(PictureError::Format("a HEIC picture"))
        }
        _ => Err(PictureError::Format("no picture that can be read")),
    }
}

/// Whether a JPEG has its end. The decoder fills what is missing with grey; a preview inside has an end of its own, but stands
/// before the picture's data.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    matches!((last([0xFF, 0xDA]), last([0xFF, 0xD9])), (Some(data), Some(end)) if data < end)
}

fn refused(error: ImageError, (width, height): (u32, u32)) -> PictureError {
    match error {
        ImageError::Limits(_) if width > 0 => PictureError::TooLarge { width, height },
        _ => PictureError::Broken,
    }
}

/// Eight bits a channel, with transparency only where something shows through.
enum Pixels {
    Rgb(RgbImage),
    Rgba(RgbaImage),
}

impl Pixels {
    fn of(decoded: DynamicImage) -> Result<Pixels, PictureError> {
        if !decoded.color().has_alpha() {
            return Ok(Pixels::Rgb(decoded.into_rgb8()));
        }
        let whole = decoded.into_rgba8();
        let shows_through = whole.pixels().any(|pixel| pixel.0[3] < u8::MAX);
        Ok(if shows_through { Pixels::Rgba(whole) } else { Pixels::Rgb(DynamicImage::ImageRgba8(whole).into_rgb8()) })
    }

    fn size(&self) -> (u32, u32) {
        match self {
            Pixels::Rgb(pixels) => pixels.dimensions(),
            Pixels::Rgba(pixels) => pixels.dimensions(),
        }
    }

    fn scaled(self, width: u32, height: u32) -> Result<Pixels, PictureError> {
        let (wide, high) = self.size();
        if (wide, high) == (width, height) {
            return Ok(self);
        }
        let (kind, raw) = match self {
            Pixels::Rgb(pixels) => (PixelType::U8x3, pixels.into_raw()),
            Pixels::Rgba(pixels) => (PixelType::U8x4, pixels.into_raw()),
        };
        let from = Image::from_vec_u8(wide, high, raw, kind).map_err(fault)?;
        let mut into = Image::new(width, height, kind);
        Resizer::new().resize(&from, &mut into, None).map_err(fault)?;
        let raw = into.into_vec();
        let scaled = match kind {
            PixelType::U8x3 => RgbImage::from_raw(width, height, raw).map(Pixels::Rgb),
            _ => RgbaImage::from_raw(width, height, raw).map(Pixels::Rgba),
        };
        scaled.ok_or_else(|| fault("a scaled picture of the wrong size"))
    }

    /// Telephones write colours of a wider range than screens are assumed to have; without their profile they would look pale.
    fn put_into_srgb(&mut self, profile: &[u8]) {
        let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
        // That of a printer says nothing about what the decoder has made of its colours.
        if profile.color_space != DataColorSpace::Rgb {
            return;
        }
        let (layout, raw): (_, &mut [u8]) = match self {
            Pixels::Rgb(pixels) => (Layout::Rgb, pixels),
            Pixels::Rgba(pixels) => (Layout::Rgba, pixels),
        };
        let from = raw.to_vec();
        let srgb = ColorProfile::new_srgb();
        if let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default())
            && transform.transform(&from, raw).is_err()
        {
            raw.copy_from_slice(&from);
        }
    }

    fn turned(self, orientation: Orientation) -> Pixels {
        let (mut whole, transparent) = match self {
            Pixels::Rgb(pixels) => (DynamicImage::ImageRgb8(pixels), false),
            Pixels::Rgba(pixels) => (DynamicImage::ImageRgba8(pixels), true),
        };
        whole.apply_orientation(orientation);
        if transparent { Pixels::Rgba(whole.into_rgba8()) } else { Pixels::Rgb(whole.into_rgb8()) }
    }

    /// The format for browsers and programs that know no WebP.
    fn fallback(&self) -> &'static str {
        match self {
            Pixels::Rgb(_) => "jpg",
            Pixels::Rgba(_) => "png",
        }
    }

    fn fallback_bytes(&self) -> Result<Vec<u8>, PictureError> {
        let mut bytes = Vec::new();
        match self {
            Pixels::Rgb(pixels) => pixels.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)),
            Pixels::Rgba(pixels) => pixels.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png),
        }
        .map_err(fault)?;
        Ok(bytes)
    }

    fn webp(&self) -> Result<Vec<u8>, PictureError> {
        let (width, height) = self.size();
        let encoder = match self {
            Pixels::Rgb(pixels) => webp::Encoder::from_rgb(pixels, width, height),
            Pixels::Rgba(pixels) => webp::Encoder::from_rgba(pixels, width, height),
        };
        let encoded = encoder.encode_simple(false, WEBP_QUALITY).map_err(|error| fault(format!("{error:?}")))?;
        Ok(encoded.to_vec())
    }
}

fn fault(error: impl std::fmt::Display) -> PictureError {
    PictureError::Fault(error.to_string())
}

#[cfg(test)]
mod tests;
