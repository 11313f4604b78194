//! Pictures of every kind that people send, and of those that they should not.

use image::codecs::jpeg::JpegEncoder as Jpeg;
use image::{ImageEncoder as _, Luma, Rgb, Rgba};

use super::*;

const RED: Rgb<u8> = Rgb([220, 20, 20]);
const BLUE: Rgb<u8> = Rgb([20, 20, 220]);

/// Red above, blue below.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |_, y| if y < height / 2 { RED } else { BLUE })
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).expect("encode");
    bytes
}

fn jpeg(picture: RgbImage) -> Vec<u8> {
    encoded(&DynamicImage::ImageRgb8(picture), ImageFormat::Jpeg)
}

fn png(picture: DynamicImage) -> Vec<u8> {
    encoded(&picture, ImageFormat::Png)
}

/// A JPEG with an APP1 segment after its start: EXIF with this orientation, and the place where it was taken.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"TAKEN AT HOME");
    let length = u16::try_from(exif.len() + 2).expect("a short segment").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

/// The file of this width and ending, decoded.
fn file(made: &Made, width: u32, ending: &str) -> DynamicImage {
    let file = made.files.iter().find(|file| file.width == width && file.ending == ending).expect("the file");
    image::load_from_memory(&file.bytes).expect("a picture")
}

fn is_near(found: Rgb<u8>, wanted: Rgb<u8>) -> bool {
    found.0.iter().zip(wanted.0).all(|(found, wanted)| found.abs_diff(wanted) < 40)
}

async fn refusal(sent: &[u8]) -> String {
    make(sent.to_vec()).await.expect_err("a refusal").to_string()
}

#[tokio::test]
async fn a_photograph_stands_in_each_width_that_it_allows_in_two_formats() {
    let made = make(jpeg(two_halves(1000, 500))).await.expect("a picture");
    assert_eq!((made.width, made.height, made.sent_as, made.transparent), (1000, 500, "jpeg", false));
    assert_eq!(made.widths, [320, 640, 1000]);
    for (width, height) in [(320, 160), (640, 320), (1000, 500)] {
        for ending in ["jpg", "webp"] {
            let shown = file(&made, width, ending).into_rgb8();
            assert_eq!(shown.dimensions(), (width, height), "{ending}");
            assert!(is_near(*shown.get_pixel(5, 5), RED) && is_near(*shown.get_pixel(5, height - 5), BLUE), "{ending}");
        }
    }
    assert_eq!(made.files.len(), 6);
}

#[tokio::test]
async fn what_is_larger_than_anything_shows_is_scaled_down() {
    let made = make(jpeg(two_halves(4000, 1000))).await.expect("a picture");
    assert_eq!((made.width, made.height), (2560, 640));
    let high = make(jpeg(two_halves(10, 5120))).await.expect("a picture");
    assert_eq!((high.width, high.height), (5, 2560));
}

#[tokio::test]
async fn a_telephones_picture_is_turned_upright_and_tells_nothing_of_its_place() {
    let sent = with_exif(&jpeg(two_halves(400, 200)), 6);
    let made = make(sent).await.expect("a picture");
    assert_eq!((made.width, made.height), (200, 400), "a quarter turn");
    let shown = file(&made, 200, "jpg").into_rgb8();
    assert!(is_near(*shown.get_pixel(190, 200), RED) && is_near(*shown.get_pixel(10, 200), BLUE), "clockwise");
    for file in &made.files {
        let holds = |text: &[u8]| file.bytes.windows(text.len()).any(|part| part == text);
        assert!(!holds(b"TAKEN AT HOME") && !holds(b"Exif"), "{}.{}", file.width, file.ending);
    }
}

#[tokio::test]
async fn a_logo_stays_transparent_where_it_is_and_an_opaque_one_becomes_a_photograph() {
    let logo = RgbaImage::from_fn(400, 400, |x, _| if x < 200 { Rgba([220, 20, 20, 255]) } else { Rgba([0, 0, 0, 0]) });
    let made = make(png(DynamicImage::ImageRgba8(logo))).await.expect("a picture");
    assert!(made.transparent);
    for ending in ["png", "webp"] {
        let shown = file(&made, 320, ending).into_rgba8();
        assert_eq!((shown.get_pixel(20, 20).0[3], shown.get_pixel(300, 20).0[3]), (255, 0), "{ending}");
        assert!(is_near(Rgb([shown.get_pixel(155, 20).0[0], 20, 20]), RED), "no dark edge: {ending}");
    }
    let opaque =
        make(png(DynamicImage::ImageRgba8(RgbaImage::from_pixel(40, 40, Rgba([9, 9, 9, 255]))))).await.expect("a picture");
    assert!(!opaque.transparent && opaque.files.iter().any(|file| file.ending == "jpg"));
}

#[tokio::test]
async fn printers_colours_deep_colours_and_grey_are_treated_right() {
    let cmyk = make(include_bytes!("samples/cmyk.jpg").to_vec()).await.expect("a picture");
    let shown = file(&cmyk, 32, "jpg").into_rgb8();
    assert!(is_near(*shown.get_pixel(4, 8), Rgb([250, 10, 10])), "{:?}", shown.get_pixel(4, 8));
    assert!(is_near(*shown.get_pixel(28, 8), Rgb([10, 10, 10])), "{:?}", shown.get_pixel(28, 8));

    let deep = image::ImageBuffer::<Rgb<u16>, _>::from_pixel(64, 64, Rgb([0xDCDC, 0x1414, 0x1414]));
    let deep = make(png(DynamicImage::ImageRgb16(deep))).await.expect("a picture");
    assert!(is_near(*file(&deep, 64, "webp").into_rgb8().get_pixel(30, 30), RED));

    let grey = image::ImageBuffer::<Luma<u8>, _>::from_pixel(64, 64, Luma([128]));
    let grey = make(jpeg(DynamicImage::ImageLuma8(grey).into_rgb8())).await.expect("a picture");
    assert!(is_near(*file(&grey, 64, "jpg").into_rgb8().get_pixel(30, 30), Rgb([128, 128, 128])));
}

#[tokio::test]
async fn colours_of_a_wider_range_are_put_into_that_of_screens() {
    let profile = ColorProfile::new_display_p3().encode().expect("a profile");
    let mut sent = Vec::new();
    let mut encoder = Jpeg::new_with_quality(&mut sent, 100);
    encoder.set_icc_profile(profile).expect("a place for the profile");
    let green = RgbImage::from_pixel(64, 64, Rgb([100, 200, 100]));
    encoder.write_image(&green, 64, 64, image::ExtendedColorType::Rgb8).expect("encode");
    let made = make(sent).await.expect("a picture");
    let shown = *file(&made, 64, "jpg").into_rgb8().get_pixel(30, 30);
    assert!(shown.0[0] < 80 && shown.0[1] > 198, "a stronger green: {shown:?}");
}

#[tokio::test]
async fn what_is_no_picture_that_stands_still_is_refused_in_a_sentence() {
    for (sent, sentence) in [
        (&b""[..], "The file is empty. Choose another one."),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "This is no picture that can be read. Save it as JPEG, PNG or WebP and try again.",
        ),
        (b"GIF89a\x01\0\x01\0", "This is a GIF. Save it as JPEG, PNG or WebP and try again."),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "This is a HEIC picture. Save it as JPEG, PNG or WebP and try again."),
        (include_bytes!("samples/moving.webp"), "The picture moves. Choose one that stands still."),
        (include_bytes!("samples/moving.png"), "The picture moves. Choose one that stands still."),
    ] {
        assert_eq!(refusal(sent).await, sentence);
    }
}

#[tokio::test]
async fn what_is_cut_off_or_damaged_is_refused_wherever_it_ends() {
    let halves = DynamicImage::ImageRgb8(two_halves(300, 300));
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = encoded(&halves, format);
        for share in [1, 5, 9] {
            let part = &whole[..whole.len() * share / 10];
            let told = refusal(part).await;
            assert!(told.starts_with("The picture is damaged") || share == 1, "{format:?} at {share}/10: {told}");
        }
    }
    let mut nothing_wide = png(halves);
    nothing_wide[16..20].copy_from_slice(&[0; 4]);
    assert!(refusal(&nothing_wide).await.starts_with("The picture is damaged"));
}

/// A PNG whose header says so, and that ends soon after it.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(DynamicImage::ImageRgb8(RgbImage::new(1, 1)));
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&sum);
    bytes
}

/// The check sum of a PNG's chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}

#[tokio::test]
async fn a_picture_of_too_many_pixels_is_refused_by_its_header() {
    let sentence =
        "The picture has 50000 × 50000 pixels, which is more than the 50 million that fit. Make it smaller and try again.";
    assert_eq!(refusal(&claims(50_000, 50_000)).await, sentence);
    assert!(refusal(&claims(50_001, 1_000)).await.starts_with("The picture has 50001 × 1000 pixels"));
    assert!(refusal(&claims(50_000, 1_000)).await.starts_with("The picture is damaged"), "what fits is read on");
    assert!(refusal(&claims(2_000_000_000, 2_000_000_000)).await.starts_with("The picture"));
}

#[tokio::test]
async fn the_same_pixels_have_the_same_hash_and_others_another() {
    let (first, second) = (make(jpeg(two_halves(50, 50))).await, make(with_exif(&jpeg(two_halves(50, 50)), 1)).await);
    let third = make(jpeg(two_halves(50, 48))).await;
    let hashes: Vec<_> = [first, second, third].into_iter().map(|made| made.expect("a picture").hash).collect();
    assert!(hashes[0] == hashes[1] && hashes[0] != hashes[2], "{hashes:?}");
    assert_eq!(hashes[0].len(), 64);
}

#[test]
fn a_colour_profile_may_not_need_more_memory_than_a_picture() {
    let bomb = |length: u64| {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(vec![0; length as usize]).expect("a place for the profile");
        encoder.write_image(&[0; 3], 1, 1, image::ExtendedColorType::Rgb8).expect("encode");
        assert!(bytes.len() < 2_000_000);
        bytes
    };
    let profile = |sent: &[u8]| png_decoder(sent).and_then(|mut decoder| decoder.icc_profile()).expect("a picture");
    assert_eq!(profile(&bomb(1_000_000)).map(|profile| profile.len()), Some(1_000_000));
    assert_eq!(profile(&bomb(MOST_MEMORY + 1_000_000)), None);
}
