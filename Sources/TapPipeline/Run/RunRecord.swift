// What came of a pipeline: everything that its table, its HTML report and its JSON record show.

import TapClassifier
import TapFeatures
import TapMetrics
import TapProvenance
import TapTensors

/// The results of a pipeline, with what they depend on.
public struct RunRecord: Sendable {
  /// Where features come from.
  public enum Source: Hashable, Sendable {
    /// The pixels themselves, squashed to a square of this side.
    case pixels(size: Int)
    /// The backbone with random weights.
    case random(seed: UInt64)
    /// The backbone with its published weights.
    case pretrained

    /// What tables and charts call it.
    public var title: String {
      switch self {
      case .pixels(let size): "raw pixels \(size)×\(size)"
      case .random(let seed): "random weights (seed \(seed))"
      case .pretrained: "pretrained"
      }
    }
  }

  /// All columns of one source under all classifiers, and what the best of them does on the test images.
  public struct SourceResult: Sendable {
    /// Where the features come from.
    public let source: Source
    /// What the features depend on.
    public let identity: BackboneIdentity
    /// Chosen on the training part alone.
    public let comparison: Comparison
    /// The classifier of the best entry, fitted to the whole training part.
    public let classifier: Classifier
    /// On the test images, made after every choice of the run.
    public let test: Evaluation
    /// The network's layers by depth, as the store says.
    let layers: [String]

    /// One for each layer, pooling and classifier.
    public var entries: [Comparison.Entry] { comparison.entries }
    /// The entry that was chosen on training images.
    public var chosen: Comparison.Entry { comparison.bestEntry }
  }

  /// How many images were used for what.
  public struct Images: Hashable, Sendable {
    /// How many images were trained on.
    public let training: Int
    /// How many images chose, where there is a validation split.
    public let validation: Int
    /// How many images the result was measured on.
    public let test: Int
    /// In the order of class indices.
    public let classNames: [String]
    /// Files that cannot be decoded.
    public let unreadable: [String]
    /// Contents that lie in more than one split.
    public let inSeveralSplits: Int
  }

  /// What the run took, in seconds.
  public struct Seconds: Hashable, Sendable {
    /// Until all features were in the store.
    public var extraction = 0.0
    /// For choosing C and the layer.
    public var selection = 0.0
    /// For the evaluation on test images, the learning curves and the time that each layer takes.
    public var test = 0.0
  }

  /// What was run.
  public let configuration: RunConfiguration
  /// What it was run on.
  public let images: Images
  /// How C was chosen.
  public let method: SelectionRecord
  /// Baselines first, the pretrained backbone last.
  public let sources: [SourceResult]
  /// How long its parts took.
  public let seconds: Seconds
  /// Images whose features were computed by this run, over all sources.
  public let computedRows: Int

  /// Columns whose C was searched for by this run, over all sources and classifiers.
  public var searchedColumns: Int { sources.reduce(0) { $0 + $1.comparison.searchedColumns } }

  /// The pretrained backbone's result.
  public var pretrained: SourceResult { sources[sources.count - 1] }

  /// The test images on which the pretrained classifier and a baseline part: where only the first is
  /// right, and where only the second is.
  public func parting(from baseline: SourceResult) -> (onlyPretrained: Int, onlyBaseline: Int) {
    var result = (onlyPretrained: 0, onlyBaseline: 0)
    let mine = pretrained.test
    for index in mine.labels.indices {
      let isRight = mine.predictions[index] == mine.labels[index]
      let isBaselineRight = baseline.test.predictions[index] == mine.labels[index]
      if isRight && !isBaselineRight { result.onlyPretrained += 1 }
      if isBaselineRight && !isRight { result.onlyBaseline += 1 }
    }
    return result
  }
}
