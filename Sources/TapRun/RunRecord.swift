// The results of a pipeline: everything that its table, its HTML report and its JSON record show.

import TapClassifier
import TapComparison
import TapFeatures
import TapMetrics
import TapProvenance
import TapTensors
import TapTraining

/// The results of a pipeline, with what they depend on.
public struct RunRecord: Sendable {
  /// The origin of the features.
  public enum Source: Hashable, Sendable {
    /// The pixels themselves; the image is squashed to a square of this side.
    case pixels(size: Int)
    /// The backbone with random weights.
    case random(seed: UInt64)
    /// The backbone with its published weights.
    case pretrained

    /// The name in tables and charts.
    public var title: String {
      switch self {
      case .pixels(let size): "raw pixels \(size)×\(size)"
      case .random(let seed): "random weights (seed \(seed))"
      case .pretrained: "pretrained"
      }
    }
  }

  /// All columns of one source under all classifiers, and the result of the best of them on the test images.
  public struct SourceResult: Sendable {
    /// The origin of the features.
    public let source: Source
    /// The identity that the features depend on.
    public let identity: BackboneIdentity
    /// The comparison, made on the training part alone.
    public let comparison: Comparison
    /// The classifier of the best entry, fitted to the whole training part.
    public let classifier: Classifier
    /// The result on the test images, computed after every choice of the run.
    public let test: Evaluation
    /// The network's layers by depth, as recorded in the store.
    package let layers: [String]

    /// One for each layer, pooling and classifier.
    public var entries: [Comparison.Entry] { comparison.entries }
    /// The entry that was chosen on training images.
    public var chosen: Comparison.Entry { comparison.bestEntry }
  }

  /// The number of images in each part.
  public struct Images: Hashable, Sendable {
    /// The number of training images.
    public let training: Int
    /// The number of validation images, if there is a validation split.
    public let validation: Int
    /// The number of test images.
    public let test: Int
    /// In the order of class indices.
    public let classNames: [String]
    /// The files that cannot be decoded.
    public let unreadable: [String]
    /// The number of contents that occur in more than one split.
    public let inSeveralSplits: Int
  }

  /// The duration of the run's stages, in seconds.
  public struct Seconds: Hashable, Sendable {
    /// The time until all features were in the store.
    public var extraction = 0.0
    /// The time to choose C and the layer.
    public var selection = 0.0
    /// The time for the evaluation on test images, the learning curves and the timing of each layer.
    public var test = 0.0
  }

  /// The configuration of the run.
  public let configuration: RunConfiguration
  /// The data of the run.
  public let images: Images
  /// The method by which C was chosen.
  public let method: SelectionRecord
  /// Baselines first, the pretrained backbone last.
  public let sources: [SourceResult]
  /// The duration of each stage.
  public let seconds: Seconds
  /// Images whose features were computed by this run, over all sources.
  public let computedRows: Int

  /// Columns whose C was searched for by this run, over all sources and classifiers.
  public var searchedColumns: Int { sources.reduce(0) { $0 + $1.comparison.searchedColumns } }

  /// The pretrained backbone's result.
  public var pretrained: SourceResult { sources[sources.count - 1] }

  /// The test images on which exactly one of the pretrained classifier and a baseline is right: the number for the
  /// first, and the number for the second.
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
