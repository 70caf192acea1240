// The contents of a pipeline file: images, taps, the search for C, baselines, and paths of results.

import TapComparison
import TapFeatures
import TapFileSystem
import TapFormats
import TapSettings
import TapTraining

/// A pipeline: several taps of a backbone are compared on labeled images, and the best one is reported.
public struct RunConfiguration: Hashable, Sendable {
  /// The name of the results; by default the file's name without its ending.
  public var name: String
  /// The folder with the images; it contains `train/` and `test/`.
  public var images: String
  /// A CSV with paths, labels and splits for the folder; nil if the folder names give class and split.
  public var labels: String?
  /// The images that are taken, the way folders are read, and the groups.
  public var list = ListSettings()
  /// The maximum number of images, drawn over splits and classes with the seed; nil for all.
  public var limit: Int?
  /// The source of ``extraction``'s backbone: a built-in name or a checkpoint's path.
  public var backbone: String
  /// The features that are computed of the images.
  public var extraction: ExtractionSettings
  /// The settings of each kind of linear model that is compared: at least one, each kind once.
  public var training: [TrainingSettings]
  /// The parent of the feature stores.
  public var store: String
  /// The baselines for the pretrained backbone.
  public var baselines: Baselines
  /// The learning curve for the choice of each source; nil draws none.
  public var learningCurve: ComparisonRunner.CurveSettings?
  /// The path of the HTML report; nil for none.
  public var report: String?
  /// The path of the record, as JSON; nil for none.
  public var record: String?
  /// The path of the chosen classifier; nil for none.
  public var model: String?
  /// SHA-256 of the pipeline file, in hexadecimal.
  public var fileHash: String

  /// Baselines for the taps, measured by the same procedure.
  public struct Baselines: Hashable, Sendable {
    /// The side to which images are squashed for a logistic regression on raw pixels; nil for none.
    public var pixels: Int?
    /// The seed of the same network with random weights; nil for none.
    public var random: UInt64?

    /// Creates the baselines to run; nil leaves one out.
    public init(pixels: Int? = nil, random: UInt64? = nil) {
      self.pixels = pixels
      self.random = random
    }
  }
}

extension RunConfiguration {
  /// The seed of all random draws.
  public var seed: UInt64 { training[0].seed }

  /// The images split into training, validation and test parts.
  func partition(_ images: [ImageItem]) throws(TrainingError) -> Partition {
    try Partition(images, training[0])
  }

  /// Throws an error if results cannot be written or would replace input of the run; called before the long work
  /// starts.
  func requireWritableResults() throws(RunError) {
    for (field, path) in results {
      for input in [labels, backbone].compactMap(\.self) where FileSystem.areSame(path, input) {
        throw .resultIsInput(field: field, path: input)
      }
      do { try FileSystem.requireWritable(path) } catch { throw .file(error) }
    }
  }

  /// Throws an error if results would replace images of the run.
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
