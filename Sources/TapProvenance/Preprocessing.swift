// The conversion of pixels to a network's input: settings that stores and models contain. TapImages executes the
// conversion.

/// The processing of a decoded image before the network. Identities contain the names of rules.
///
/// For channel c of a pixel x in 0...255, the value is `(x / scale - mean[c]) / standardDeviation[c]`. Mean and
/// standard deviation are in the order r, g, b. After this normalization, the channels are put in the order `channels`.
public struct Preprocessing: Hashable, Sendable {
  /// The conversion of an image of any size to a square with sides of `size`.
  public enum ResizeRule: String, Sendable, CaseIterable {
    /// The shorter side becomes `size / cropFraction`, rounded down. The center is cut out.
    case short = "short"
    /// Both sides are scaled to `size`. The aspect ratio is not kept.
    case squash = "squash"
    /// The longer side becomes `size`. The rest of the square is filled with the mean color.
    case pad = "pad"
    /// Both sides become `size / cropFraction`, rounded down. The center is cut out.
    case squashAndCrop = "squash-crop"
    /// The longer side becomes `size / cropFraction`, rounded down. The center is cut out, and missing parts are filled
    /// with the mean color. This is the `crop_mode` border of timm.
    case border = "border"
  }

  /// The filter of the antialiased resize, as Pillow defines it.
  public enum Interpolation: String, Sendable, CaseIterable {
    /// Pillow's `BOX`: the mean of the covered pixels, or the nearest pixel if the image is enlarged.
    case box = "box"
    /// Pillow's `BILINEAR`: a triangle, widened if the image is reduced.
    case bilinear = "bilinear"
    /// Pillow's `HAMMING`: a sinc of one lobe under Hamming's window, widened if the image is reduced.
    case hamming = "hamming"
    /// Pillow's `BICUBIC`: Keys' cubic with a = -0.5, widened if the image is reduced.
    case bicubic = "bicubic"
    /// Pillow's `LANCZOS`: a sinc of three lobes under Lanczos' window, widened if the image is reduced.
    case lanczos = "lanczos"
  }

  /// The order of the network's input channels.
  public enum ChannelOrder: String, Sendable, CaseIterable {
    /// Red first.
    case rgb = "rgb"
    /// Blue first, as in networks trained with Caffe.
    case bgr = "bgr"
  }

  /// The side of the square input in pixels, at least 1.
  public var size: Int
  /// The conversion of an image to a square.
  public var resize: ResizeRule
  /// The side of the crop divided by the side of the resized image, in (0, 1]. `ResizeRule.short`, `squashAndCrop` and
  /// `border` use this fraction.
  public var cropFraction: Double
  /// The filter of the antialiased resize.
  public var interpolation: Interpolation
  /// The divisor of pixel values, usually 1 or 255, never 0.
  public var scale: Double
  /// The means of r, g, b: three values in this order.
  public var mean: [Double]
  /// The standard deviations of r, g, b: three values in this order. No value is 0.
  public var standardDeviation: [Double]
  /// The order of the channels after normalization.
  public var channels: ChannelOrder
  /// The conversion of a file to pixels.
  public var decoding: Decoding

  /// Creates a preprocessing from these parts. `mean` and `standardDeviation` hold three values: for r, g and b.
  public init(
    size: Int = 224, resize: ResizeRule = .short, cropFraction: Double = 0.875,
    interpolation: Interpolation = .bilinear, scale: Double = 255,
    mean: [Double] = [0.485, 0.456, 0.406], standardDeviation: [Double] = [0.229, 0.224, 0.225],
    channels: ChannelOrder = .rgb, decoding: Decoding = Decoding()
  ) {
    precondition(mean.count == 3 && standardDeviation.count == 3, "three channels")
    self.size = size
    self.resize = resize
    self.cropFraction = cropFraction
    self.interpolation = interpolation
    self.scale = scale
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.channels = channels
    self.decoding = decoding
  }
}
