// The contents of a pipeline file for a comparison: images, taps, the search for C, baselines, and the paths of
// results.

import TapComparison
import TapFeatures
import TapFileSystem
import TapFormats
import TapSettings
import TapTraining

/// A pipeline that compares several taps of a backbone on labeled images and reports the best tap.
///
/// A tap is a layer whose activations become features.
public struct RunConfiguration: Hashable, Sendable {
  /// The name of the results. The default is the name of the pipeline file without its ending.
  public var name: String
  /// The folder with the images. The subfolders are `train/` and `test/`.
  public var images: String
  /// A CSV file with the paths, labels and splits of the images in the folder. The value is nil if the names of folders
  /// give classes and splits.
  public var labels: String?
  /// The settings that choose the images, the way folders are read, and the groups.
  public var list = ListSettings()
  /// The settings that keep equal and nearly equal images together.
  public var duplicates = DuplicateSettings()
  /// The maximum number of images; nil means all. The images are drawn with the seed, over all splits and classes.
  public var limit: Int?
  /// The compared backbones, at least one, all different. Each is the name of a built-in backbone or the path of a
  /// checkpoint.
  public var backbones: [String]
  /// The settings of the features that are computed from the images, the same for each backbone.
  public var extraction: ExtractionSettings
  /// The settings of each compared kind of linear model: at least one kind, and each kind only once.
  public var training: [TrainingSettings]
  /// Whether the k nearest neighbors are compared as well, as a baseline that is never chosen.
  public var comparesNeighbors = false
  /// The largest number of columns that are combined, 1 to 3: ``ComparisonRunner/combinedColumns``.
  public var combinedColumns = 1
  /// The parent folder of the feature stores.
  public var store: String
  /// The baselines for the pretrained backbone.
  public var baselines: Baselines
  /// The settings of the learning curve for the choice of each source. With nil, no curve is drawn.
  public var learningCurve: ComparisonRunner.CurveSettings?
  /// The path of the HTML report; nil for no report.
  public var report: String?
  /// The path of the record, written as JSON; nil for no record.
  public var record: String?
  /// The path of the chosen classifier; nil if the classifier is not written.
  public var model: String?
  /// SHA-256 of the pipeline file, in hexadecimal.
  public var fileHash: String

  /// Baselines for the pretrained backbone, measured by the same procedure.
  public struct Baselines: Hashable, Sendable {
    /// The side of the square, in pixels, for a logistic regression on pixels; nil for no such baseline. Each image is
    /// squashed to this square.
    public var pixels: Int?
    /// The seed of random weights for the same network; nil for no such baseline.
    public var random: UInt64?

    /// Creates the baselines to run. A baseline with nil is left out.
    public init(pixels: Int? = nil, random: UInt64? = nil) {
      self.pixels = pixels
      self.random = random
    }
  }
}

extension RunConfiguration {
  /// The first of ``backbones``.
  public var backbone: String { backbones[0] }

  /// The seed of all random draws.
  public var seed: UInt64 { training[0].seed }

  /// Splits the images into training, validation and test parts.
  func partition(_ images: [ImageItem]) throws(TrainingError) -> Partition {
    try Partition(images, training[0])
  }

  /// Throws an error if a result cannot be written, or would replace an input of the run. The runner calls this
  /// function before the long work starts.
  func requireWritableResults() throws(RunError) {
    for (field, path) in results {
      for input in [labels].compactMap(\.self) + backbones where FileSystem.areSame(path, input) {
        throw .resultIsInput(field: field, path: input)
      }
      do { try FileSystem.requireWritable(path) } catch { throw .file(error) }
    }
  }

  /// Throws an error if a result would replace an image of the run.
  func requireResults(apartFrom list: ImageList) throws(RunError) {
    for (field, path) in results {
      if let image = FileSystem.first(of: list.items.lazy.map(list.location), sameAs: path) {
        throw .resultIsInput(field: field, path: image)
      }
    }
  }

  private var results: [(field: String, path: String)] {
    [("report", report), ("record", record), ("model", model)].compactMap { field, path in
      path.map { (field, $0) }
    }
  }
}
