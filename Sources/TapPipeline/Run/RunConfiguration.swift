// What a pipeline file asks for: images, taps, the search for C, baselines, and where results go.

import TapFileSystem
import TapFormats
import TapLinear
import TapProvenance
import TapSelection

/// A pipeline: several taps of a backbone compared on labelled images, the best one reported.
public struct RunConfiguration: Hashable, Sendable {
  /// What the results are called; the file's name without its ending, unless it says otherwise.
  public var name: String
  /// The folder with the images, `train/` and `test/` in it.
  public var images: String
  /// A CSV manifest for the folder; nil for folders that say class and split themselves.
  public var manifest: String?
  /// A built-in name or a checkpoint.
  public var backbone: String
  /// What changes in the backbone's preprocessing.
  public var changes: PreprocessingChanges
  /// Whether the algorithms of convolutions are those that are fastest on this machine.
  public var tunes = false
  /// Layer names, aliases or `all`.
  public var layers: [String]
  /// How each layer's activation becomes a vector.
  public var poolings: [Pooling]
  /// The kinds of linear model, at least one, each once.
  public var classifiers: [ClassifierKind]
  /// How logistic regressions tell more than two classes apart.
  public var multiClass = MultiClass.multinomial
  /// What keeps weights small, and who minimises.
  public var penalty = PenaltyChoice()
  /// The loss of SVMs.
  public var hingeLoss: HingeLoss
  /// How much a class counts.
  public var classWeights: ClassWeights
  /// The parent of the feature stores.
  public var store: String
  /// A fixed C; nil chooses it by cross-validation.
  public var c: Double?
  /// How features are scaled before training.
  public var standardization: Standardization
  /// What happens to features before they are scaled.
  public var transform: FeatureTransform
  /// Of the cross-validation, where there is no validation split.
  public var folds: Int
  /// Which of the values of C is taken.
  public var rule = SelectionRule.best
  /// How many times the training images are dealt into folds, at least 1.
  public var repeats = 1
  /// The part of every class of the training images that is drawn to choose by; nil chooses by cross-validation, or by the
  /// validation split where there is one.
  public var validationFraction: Double?
  /// How the chosen classifiers' probabilities are calibrated.
  public var calibration = CalibrationMethod.none
  /// Of the folds.
  public var seed: UInt64
  /// What the pretrained backbone is compared with.
  public var baselines: Baselines
  /// Of the choice of each source; nil draws none.
  public var learningCurve: ComparisonRunner.CurveSettings?
  /// Where the HTML report goes; nil for none.
  public var report: String?
  /// Where the record goes, as JSON; nil for none.
  public var record: String?
  /// Where the chosen classifier goes; nil for none.
  public var model: String?
  /// SHA-256 of the pipeline file, in hexadecimal.
  public var fileHash: String

  /// What the taps are measured against, by the same procedure.
  public struct Baselines: Hashable, Sendable {
    /// The side to which pictures are squashed for a logistic regression on raw pixels; nil for none.
    public var pixels: Int?
    /// The seed of the same network with random weights; nil for none.
    public var random: UInt64?

    /// The baselines to run; nil leaves one out.
    public init(pixels: Int? = nil, random: UInt64? = nil) {
      self.pixels = pixels
      self.random = random
    }
  }

  /// Fields of a preprocessing that a pipeline sets; nil leaves the backbone's.
  public struct PreprocessingChanges: Hashable, Sendable {
    /// Side of the network's input in pixels; nil is the backbone's.
    public var size: Int?
    /// How a picture becomes a square; nil is the backbone's.
    public var resize: Preprocessing.ResizeRule?
    /// The part of the short side that is kept; nil is the backbone's.
    public var cropFraction: Double?
    /// The filter of the resize; nil is the backbone's.
    public var interpolation: Preprocessing.Interpolation?
    /// Divides pixels; nil is the backbone's.
    public var scale: Double?
    /// In r, g, b; nil is the backbone's.
    public var mean: [Double]?
    /// In r, g, b; nil is the backbone's.
    public var standardDeviation: [Double]?
    /// The order of channels; nil is the backbone's.
    public var channels: Preprocessing.ChannelOrder?
    /// At which size a JPEG is decoded; nil is the backbone's, exact as a rule.
    public var decode: Decoding.Mode?
    /// What is done with EXIF's orientation; nil is the backbone's, `exif` as a rule.
    public var orientation: Decoding.OrientationRule?
    /// What becomes of transparency; nil is the backbone's, `white` as a rule.
    public var alpha: Decoding.AlphaRule?
    /// Whether files that end early are taken; nil is the backbone's, false as a rule.
    public var allowsTruncated: Bool?

    /// Whether mean and deviation are stated, so that nothing needs to be known of the backbone's own.
    public var isComplete: Bool { mean != nil && standardDeviation != nil }

    /// These changes; nil changes nothing.
    public init(
      size: Int? = nil, resize: Preprocessing.ResizeRule? = nil, cropFraction: Double? = nil,
      interpolation: Preprocessing.Interpolation? = nil, scale: Double? = nil, mean: [Double]? = nil,
      standardDeviation: [Double]? = nil, channels: Preprocessing.ChannelOrder? = nil,
      decode: Decoding.Mode? = nil, orientation: Decoding.OrientationRule? = nil,
      alpha: Decoding.AlphaRule? = nil, allowsTruncated: Bool? = nil
    ) {
      self.decode = decode
      self.orientation = orientation
      self.alpha = alpha
      self.allowsTruncated = allowsTruncated
      self.scale = scale
      self.mean = mean
      self.standardDeviation = standardDeviation
      self.channels = channels
      self.size = size
      self.resize = resize
      self.cropFraction = cropFraction
      self.interpolation = interpolation
    }

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
}

extension RunConfiguration {
  /// Refuses results that could not be written before the work that they come from.
  func requireWritableResults() throws(RunError) {
    for path in [report, record, model].compactMap(\.self) {
      do { try FileSystem.requireWritable(path) } catch { throw .file(error) }
    }
  }
}
