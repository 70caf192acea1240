// What a pipeline file asks for: images, taps, the search for C, baselines, and where results go.

import TapFeatures
import TapFileSystem
import TapFormats
import TapSettings

/// A pipeline: several taps of a backbone compared on labelled images, the best one reported.
public struct RunConfiguration: Hashable, Sendable {
  /// What the results are called; the file's name without its ending, unless it says otherwise.
  public var name: String
  /// The folder with the images, `train/` and `test/` in it.
  public var images: String
  /// A CSV with paths, labels and splits for the folder; nil for folders that say class and split themselves.
  public var labels: String?
  /// Which images are taken, how folders are read, and what belongs together.
  public var list = ListSettings()
  /// At most so many images are used, drawn over splits and classes with the seed; nil for all.
  public var limit: Int?
  /// A built-in name or a checkpoint's path: where ``extraction``'s backbone comes from.
  public var backbone: String
  /// What is computed of the images.
  public var extraction: ExtractionSettings
  /// For each kind of linear model that is compared its settings: at least one, each kind once.
  public var training: [TrainingSettings]
  /// The parent of the feature stores.
  public var store: String
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
}

extension RunConfiguration {
  /// The seed of whatever is drawn.
  public var seed: UInt64 { training[0].seed }

  /// The items parted by what they may be used for.
  func partition(_ items: [LabelledFeatures.Item]) throws(TrainingError) -> Partition {
    try Partition(items, training[0])
  }

  /// Refuses results that could not be written, or would replace what the run reads, before the work that they come from.
  func requireWritableResults() throws(RunError) {
    for (field, path) in results {
      for input in [labels, backbone].compactMap(\.self) where FileSystem.areSame(path, input) {
        throw .resultIsInput(field: field, path: input)
      }
      do { try FileSystem.requireWritable(path) } catch { throw .file(error) }
    }
  }

  /// Refuses results that are images of the run.
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
