// Changes to a backbone's preprocessing.

import TapProvenance

/// Fields of a preprocessing that settings state; nil leaves the backbone's.
public struct PreprocessingChanges: Hashable, Sendable {
  /// Side of the network's input in pixels, 8 to 4096.
  public var size: Int?
  /// How an image becomes a square.
  public var resize: Preprocessing.ResizeRule?
  /// The part of the short side that is kept, above 0 and up to 1.
  public var cropFraction: Double?
  /// The filter of the resize.
  public var interpolation: Preprocessing.Interpolation?
  /// Divides pixels, above 0.
  public var scale: Double?
  /// In r, g, b.
  public var mean: [Double]?
  /// In r, g, b, each above 0.
  public var standardDeviation: [Double]?
  /// The order of channels.
  public var channels: Preprocessing.ChannelOrder?
  /// The size at which a JPEG is decoded; by default exact.
  public var decode: Decoding.Mode?
  /// The treatment of EXIF's orientation; by default `exif`.
  public var orientation: Decoding.OrientationRule?
  /// The treatment of transparency; by default `white`.
  public var alpha: Decoding.AlphaRule?
  /// Whether files that end early are accepted; by default false.
  public var allowsTruncated: Bool?

  /// No changes.
  public init() {}

  /// Changes that give this preprocessing for every backbone.
  public init(everythingOf preprocessing: Preprocessing) {
    size = preprocessing.size
    resize = preprocessing.resize
    cropFraction = preprocessing.cropFraction
    interpolation = preprocessing.interpolation
    scale = preprocessing.scale
    mean = preprocessing.mean
    standardDeviation = preprocessing.standardDeviation
    channels = preprocessing.channels
    decode = preprocessing.decoding.mode
    orientation = preprocessing.decoding.orientation
    alpha = preprocessing.decoding.alpha
    allowsTruncated = preprocessing.decoding.allowsTruncated
  }

  /// A sentence about a stated crop that has no effect; nil if there is none.
  ///
  /// - Parameter result: the preprocessing with the changes made.
  package func cropWithoutEffect(_ result: Preprocessing) -> String? {
    guard let cropFraction, [.squash, .pad].contains(result.resize) else { return nil }
    return
      "The crop fraction \(cropFraction) has no effect: '\(result.resize.rawValue)' crops nothing ('short', 'squash-crop' and "
      + "'border' do)."
  }

  /// Whether mean and deviation are stated, so that the backbone's own are not needed.
  public var isComplete: Bool { mean != nil && standardDeviation != nil }

  /// A preprocessing with the changes made.
  public func applied(to preprocessing: Preprocessing) -> Preprocessing {
    var result = preprocessing
    result.size = size ?? preprocessing.size
    result.resize = resize ?? preprocessing.resize
    result.cropFraction = cropFraction ?? preprocessing.cropFraction
    result.interpolation = interpolation ?? preprocessing.interpolation
    result.scale = scale ?? preprocessing.scale
    result.mean = mean ?? preprocessing.mean
    result.standardDeviation = standardDeviation ?? preprocessing.standardDeviation
    result.channels = channels ?? preprocessing.channels
    result.decoding.mode = decode ?? preprocessing.decoding.mode
    result.decoding.orientation = orientation ?? preprocessing.decoding.orientation
    result.decoding.alpha = alpha ?? preprocessing.decoding.alpha
    result.decoding.allowsTruncated = allowsTruncated ?? preprocessing.decoding.allowsTruncated
    return result
  }
}
