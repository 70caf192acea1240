// Changes to a backbone's preprocessing.

import TapProvenance

/// The changes that settings make to a backbone's preprocessing. A field with nil keeps the backbone's value.
public struct PreprocessingChanges: Hashable, Sendable {
  /// The side of the network's square input in pixels, 8 to 4096.
  public var size: Int?
  /// The rule that makes an image a square.
  public var resize: Preprocessing.ResizeRule?
  /// The part of the short side that the crop keeps, above 0 and up to 1.
  public var cropFraction: Double?
  /// The filter that resizes the image.
  public var interpolation: Preprocessing.Interpolation?
  /// The number that divides pixel values, above 0.
  public var scale: Double?
  /// The mean that is subtracted after scaling: three values for red, green and blue.
  public var mean: [Double]?
  /// The number that divides values after the mean is subtracted: three values above 0 for red, green and blue.
  public var standardDeviation: [Double]?
  /// The order of channels.
  public var channels: Preprocessing.ChannelOrder?
  /// The size at which a JPEG is decoded; by default the exact size.
  public var decode: Decoding.Mode?
  /// The treatment of the EXIF orientation; by default `exif`.
  public var orientation: Decoding.OrientationRule?
  /// The treatment of transparency; by default `white`.
  public var alpha: Decoding.AlphaRule?
  /// Whether files that end too early are accepted; by default they are not.
  public var allowsTruncated: Bool?

  /// Creates a value without changes.
  public init() {}

  /// Creates changes that give this preprocessing for every backbone.
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

  /// A sentence about a stated crop that has no effect; nil if the crop has an effect or is not stated.
  ///
  /// - Parameter result: the preprocessing after the changes.
  package func cropWithoutEffect(_ result: Preprocessing) -> String? {
    guard let cropFraction, [.squash, .pad].contains(result.resize) else { return nil }
    return
      "The crop fraction \(cropFraction) has no effect: '\(result.resize.rawValue)' crops nothing ('short', 'squash-crop' and "
      + "'border' do)."
  }

  /// Whether the changes state mean and standard deviation, so that the backbone's own values are not needed.
  public var isComplete: Bool { mean != nil && standardDeviation != nil }

  /// The preprocessing after the changes.
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
